#!/usr/bin/env bash
# Checks what the build or the tests need from the machine: scripts/need.sh rust | node
# Installs what is missing where that is possible; otherwise says in one line what to install, and fails.
set -euo pipefail

readonly OLDEST_NODE=20

fail() { echo "$*" >&2; exit 1; }

need_rust() {
    command -v cargo >/dev/null || fail "Rust is missing: install it from https://rustup.rs"
    command -v cc >/dev/null || fail "A C compiler is missing: install one (Debian, Ubuntu: apt-get install gcc libc6-dev; macOS: xcode-select --install)"
}

node_version() { node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p'; }

install_node() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends nodejs npm; } \
        >/dev/null 2>&1 </dev/null || true
}

need_node() {
    command -v node >/dev/null && command -v npm >/dev/null || install_node
    local version
    version=$(node_version)
    [ "${version:-0}" -ge "$OLDEST_NODE" ] && command -v npm >/dev/null ||
        fail "Node.js ${version:+is version $version, which is too old}$([ -n "$version" ] || echo is missing): install Node.js $OLDEST_NODE or newer with npm, see https://nodejs.org"
}

case "${1:-}" in
rust) need_rust ;;
node) need_node ;;
*) sed -n '2,3s/^# //p' "$0"; exit 2 ;;
esac
