#!/usr/bin/env bash
# Runs all tests on both databases: scripts/test.sh [FILTER]
# Sets up what they need: PostgreSQL (scripts/postgres.sh), the Node packages of tests/node.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

node_packages() {
    local installed=tests/node/node_modules/.package-lock.json
    if [ ! -e "$installed" ] || [ tests/node/package-lock.json -nt "$installed" ]; then
        npm ci --prefix tests/node --silent || { echo "npm ci --prefix tests/node failed: is the package registry reachable?" >&2; exit 1; }
        touch "$installed"
    fi
}

run() {
    # One build for the tests and for the executable that some of them start as a process of its own.
    cargo build --workspace --locked --bins --tests
    export DUNWELL_BIN=${CARGO_TARGET_DIR:-$root/target}/debug/dunwell
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --workspace --locked "$@"
        [ $# -gt 0 ] || cargo test --workspace --locked --doc --quiet
    else
        cargo test --workspace --locked --no-fail-fast "$@"
    fi
}

case "${1:-}" in
--inside) shift && run "$@" ;;
*)
    scripts/need.sh rust
    scripts/need.sh node
    node_packages
    scripts/with-postgres.sh scripts/test.sh --inside "$@"
    ;;
esac
