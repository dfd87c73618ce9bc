#!/usr/bin/env bash
# Starts pasigd on the embedded log with two controllers in two zones below var/quickstart, and
# gives the tour. Called by `./dev up`; safe to run again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bin=${PASIG_BIN:-$PWD/build/release}
home=${PASIG_QUICKSTART:-$PWD/var/quickstart}
port=${PASIG_QUICKSTART_PORT:-8786}
export PASIG_SOCKET=$home/run/pasig.sock

die() { printf 'up: %s\n' "$*" >&2; exit 1; }
[ ${#PASIG_SOCKET} -lt 108 ] || die "the path $PASIG_SOCKET is too long for a unix socket: clone to a shorter path, or set PASIG_QUICKSTART to a short directory"

mkdir -p "$home"/{run,data,controllers}
cat > "$home/pasig.toml" <<TOML
# Written by ./dev up. All keys: docs/configuration.md
[node]
name = "quickstart"
data_directory = "$home/data"

[api]
socket = "$PASIG_SOCKET"
listen = ["127.0.0.1:$port"]

[timings]
status_interval_seconds = 10
stats_interval_seconds = 10

[[controller]]
name = "alpha"
zone = "zone-a"
driver = "directory"
root = "$home/controllers/alpha"
replication_domain = "quickstart"
create = true

[[controller]]
name = "beta"
zone = "zone-b"
driver = "directory"
root = "$home/controllers/beta"
replication_domain = "quickstart"
create = true
TOML

is_running() { [ -s "$home/run/pasigd.pid" ] && [ "$(readlink "/proc/$(cat "$home/run/pasigd.pid")/exe" 2>/dev/null)" = "$bin/daemon/pasigd" ]; }
answers() { "$bin/cli/pasig" status >/dev/null 2>&1; }

if is_running; then
  echo "pasigd runs already (pid $(cat "$home/run/pasigd.pid"))"
else
  setsid "$bin/daemon/pasigd" --config "$home/pasig.toml" >>"$home/pasigd.log" 2>&1 </dev/null &
  echo $! > "$home/run/pasigd.pid"
fi
for _ in $(seq 300); do
  answers && break
  is_running || { tail -n 3 "$home/pasigd.log" >&2; die "pasigd did not start; its log is $home/pasigd.log"; }
  read -r -t 0.1 <> <(:) || true
done
answers || die "pasigd does not answer on $PASIG_SOCKET; its log is $home/pasigd.log"

PATH=$bin/cli:$PATH PASIG_QUICKSTART=$home examples/quickstart/tour.sh
cat <<TEXT

The service goes on running. To look further:
  export PATH=$bin/cli:\$PATH PASIG_SOCKET=$PASIG_SOCKET
  pasig replica list         pasig history SHARE       pasig log show
  curl -s http://127.0.0.1:$port/v2/share-replicas/detail     (Manila's API)
  pasig replay verify        refolds the log from zero and compares
Stop it with ./dev down; ./dev down --purge removes its data.
TEXT
