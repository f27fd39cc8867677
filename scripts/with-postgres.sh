#!/usr/bin/env bash
# Runs a command with the tests' PostgreSQL: scripts/with-postgres.sh COMMAND…
# DUNWELL_TEST_POSTGRES, when set, names a cluster of your own, and none is started. A cluster that ran before stays.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [ -z "${DUNWELL_TEST_POSTGRES:-}" ]; then
    if ! DUNWELL_TEST_POSTGRES=$("$here/postgres.sh" url 2>/dev/null); then
        trap '"$here/postgres.sh" stop' EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM
        DUNWELL_TEST_POSTGRES=$("$here/postgres.sh" start)
    fi
    export DUNWELL_TEST_POSTGRES
fi
"$@"
