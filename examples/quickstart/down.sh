#!/usr/bin/env bash
# Stops the service of `./dev up`. --purge also removes its data, and says what; data that was
# kept aside goes only with --with-aside.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
home=${PASIG_QUICKSTART:-$PWD/var/quickstart}
purge=no aside=no
for word in "$@"; do
  case $word in
    --purge) purge=yes ;;
    --with-aside) aside=yes ;;
    *) echo "down: no option $word; there are --purge and --with-aside" >&2; exit 2 ;;
  esac
done

pid=$(examples/quickstart/running.sh "$home/pasig.toml")
if [ -n "$pid" ]; then
  kill "$pid"
  tail --pid="$pid" -f /dev/null
  echo "pasigd (pid $pid) is stopped; its data stays in $home"
else
  echo "pasigd is not running"
fi
[ $purge = yes ] && [ -d "$home" ] || exit 0

kept=$(find "$home/controllers" -mindepth 1 -type d -path '*/aside*/*' -prune 2>/dev/null || true)
if [ -n "$kept" ] && [ $aside = no ]; then
  printf 'down: this data was kept aside and is nowhere else:\n%s\n' "$kept" >&2
  echo "down: nothing was removed; save it, or say --purge --with-aside" >&2
  exit 1
fi
echo "removing $home: log, state, shares of both controllers$([ -z "$kept" ] || echo ', data kept aside'):"
du -sh "$home"/* 2>/dev/null | sed 's/^/  /'
findmnt -rno TARGET | grep -F "$home/" | sort -r | xargs -r -n1 umount || true
chattr -R -i "$home/controllers" 2>/dev/null || true
rm -rf "$home"
