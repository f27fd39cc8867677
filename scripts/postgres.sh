#!/usr/bin/env bash
# A private PostgreSQL for the tests: scripts/postgres.sh start [FOLDER] | stop | url
#
# start  makes the cluster once, starts it if it is not running, prints its URL
# stop   stops it; its files stay for the next start
# url    prints the URL of the running cluster, or fails with one line
#
# The cluster lives in target/test-postgres, or in FOLDER, or, when the server's user cannot reach those, in a
# temporary folder. target/test-postgres.place remembers where; target/test-postgres.url is there while it runs.
# It trusts every local connection and does not sync to disk: never point a product at it.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
place_file=$root/target/test-postgres.place
url_file=$root/target/test-postgres.url
lock_file=$root/target/test-postgres.lock

fail() { echo "scripts/postgres.sh: $*" >&2; exit 1; }

find_bin() {
    local dir found=
    for dir in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin; do
        [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ] && found=$dir
    done
    if [ -z "$found" ] && command -v initdb >/dev/null && command -v pg_ctl >/dev/null; then
        found=$(dirname "$(command -v initdb)")
    fi
    echo "$found"
}

# Installs the packages without letting them start a service of their own.
install_server() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
        fail "PostgreSQL is missing: install its server (Debian, Ubuntu: apt-get install postgresql)"
    local policy=/usr/sbin/policy-rc.d ours=
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && ours=1
    fi
    local log ok=1
    log=$(mktemp)
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends postgresql; } \
        >"$log" 2>&1 </dev/null || ok=
    [ -z "$ours" ] || rm -f "$policy"
    [ -n "$ok" ] || fail "apt-get install postgresql failed, see $log"
    rm -f "$log"
}

# The server refuses to run as root: then everything of it runs as the user postgres.
as_server() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

reachable() { # can the server's user work in this folder?
    as_server test -d "$1" -a -w "$1" -a -x "$1" 2>/dev/null
}

own_folder() { # makes the folder, owned by the server's user; fails when that user cannot reach it
    mkdir -p "$1" 2>/dev/null || return 1
    if [ "$(id -u)" = 0 ]; then chown postgres "$1" && chmod 700 "$1"; fi
    reachable "$1"
}

choose_folder() {
    local wanted=${1:-} remembered=
    [ -f "$place_file" ] && remembered=$(cat "$place_file")
    if [ -n "$wanted" ]; then
        mkdir -p "$wanted" || fail "cannot make $wanted"
        folder=$(cd "$wanted" && pwd)
        own_folder "$folder" || fail "the server's user cannot reach $folder"
    elif [ -n "$remembered" ] && [ -d "$remembered" ] && reachable "$remembered"; then
        folder=$remembered
    elif own_folder "$root/target/test-postgres"; then
        folder=$root/target/test-postgres
    else
        rmdir "$root/target/test-postgres" 2>/dev/null || true
        folder=$(mktemp -d "${TMPDIR:-/tmp}/dunwell-postgres.XXXXXX")
        own_folder "$folder" || { rmdir "$folder"; folder=$(mktemp -d /tmp/dunwell-postgres.XXXXXX); }
        own_folder "$folder" || fail "the server's user cannot reach $folder"
    fi
    echo "$folder" >"$place_file"
}

port_of() { as_server cat "$folder/port" 2>/dev/null || true; }

answers() { # does our own server answer (not another one that got its port)?
    local port
    port=$(port_of)
    [ -n "$port" ] || return 1
    [ "$("$bin/psql" -XAtq -h 127.0.0.1 -p "$port" -U postgres -d postgres -c 'SHOW data_directory' 2>/dev/null)" = "$folder/data" ]
}

# After a kill -9 the pid file stays, and its number may by now belong to someone else.
drop_stale_pid() {
    local pid
    pid=$(as_server head -n 1 "$folder/data/postmaster.pid" 2>/dev/null || true)
    [ -n "$pid" ] || return 0
    if ps -o args= -p "$pid" 2>/dev/null | grep -qF -- "$folder/data"; then return 0; fi
    as_server rm -f "$folder/data/postmaster.pid"
}

free_port() {
    local port
    for _ in $(seq 50); do
        port=$((20000 + RANDOM % 12000))
        if ! (exec 8<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "$port" && return; fi
    done
    fail "no free port found"
}

launch() { # one try on one port
    local port=$1
    # Sockets have a length limit and the folder may be deep, so there is TCP only.
    local options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300"
    options+=" -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum_naptime=5min"
    echo "$port" | as_server tee "$folder/port" >/dev/null
    # The server must not inherit the lock (9), nor hold a pipe that the caller reads.
    (cd / && as_server "$bin/pg_ctl" -D "$folder/data" -o "$options" -l "$folder/log" -t 60 -w start) \
        >/dev/null 2>&1 </dev/null 9>&-
}

start() {
    mkdir -p "$root/target"
    exec 9>"$lock_file"
    if command -v flock >/dev/null; then flock 9; fi
    bin=$(find_bin)
    if [ -z "$bin" ]; then install_server && bin=$(find_bin); fi
    [ -n "$bin" ] || fail "PostgreSQL is installed, but initdb was not found"
    choose_folder "${1:-}"
    if ! as_server test -f "$folder/data/PG_VERSION"; then
        (cd / && as_server "$bin/initdb" -N -A trust -U postgres -E UTF8 --no-locale -D "$folder/data") >/dev/null 2>"$lock_file.err" ||
            fail "initdb failed: $(tail -n 1 "$lock_file.err")"
    fi
    local try
    for try in 1 2 3 4 5; do
        if answers; then break; fi
        drop_stale_pid
        launch "$(free_port)" || sleep "$try" # children of a killed server need a moment to leave
    done
    answers || fail "the server did not start, see $folder/log"
    echo "postgres://postgres@127.0.0.1:$(port_of)/postgres" >"$url_file"
    cat "$url_file"
}

known_cluster() {
    bin=$(find_bin)
    [ -n "$bin" ] && [ -f "$place_file" ] || return 1
    folder=$(cat "$place_file")
}

stop() {
    rm -f "$url_file"
    known_cluster || return 0
    drop_stale_pid
    (cd / && as_server "$bin/pg_ctl" -D "$folder/data" -m fast -w stop) >/dev/null 2>&1 || true
}

url() {
    known_cluster && answers || fail "not running: scripts/postgres.sh start"
    echo "postgres://postgres@127.0.0.1:$(port_of)/postgres"
}

case "${1:-}" in
start) start "${2:-}" ;;
stop) stop ;;
url) url ;;
*) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
