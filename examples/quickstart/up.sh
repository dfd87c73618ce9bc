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

for program in daemon/pasigd cli/pasig; do
  [ -x "$bin/$program" ] || die "there is no $bin/$program: build it by ./dev build release"
done

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

answers() { "$bin/cli/pasig" status >/dev/null 2>&1; }

pid=$(examples/quickstart/running.sh "$home/pasig.toml")
if [ -n "$pid" ]; then
  echo "pasigd runs already (pid $pid)"
  [[ $(readlink "/proc/$pid/exe") != *' (deleted)' ]] ||
    echo "it was built anew since: ./dev down, then ./dev up, to run the new one"
else
  setsid "$bin/daemon/pasigd" --config "$home/pasig.toml" >>"$home/pasigd.log" 2>&1 </dev/null &
  pid=$!
fi
for _ in $(seq 300); do
  answers && break
  kill -0 "$pid" 2>/dev/null || { tail -n 3 "$home/pasigd.log" >&2; die "pasigd did not start; its log is $home/pasigd.log; for another port than $port set PASIG_QUICKSTART_PORT"; }
  read -r -t 0.1 <> <(:) || true
done
answers || die "pasigd does not answer on $PASIG_SOCKET; its log is $home/pasigd.log"

PATH=$bin/cli:$PATH PASIG_QUICKSTART=$home examples/quickstart/tour.sh
cat <<TEXT

The service goes on running. To look further:
  export PATH=$bin/cli:\$PATH PASIG_SOCKET=$PASIG_SOCKET
  pasig replica list         pasig history SHARE       pasig log show
  curl -s -H 'X-OpenStack-Manila-API-Version: 2.60' http://127.0.0.1:$port/v2/share-replicas/detail
  openstack --os-auth-type none --os-endpoint http://127.0.0.1:$port/v2 share replica list
  pasig replay verify        refolds the log from zero and compares
Stop it with ./dev down; ./dev down --purge removes its data.
TEXT
