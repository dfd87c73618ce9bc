#!/usr/bin/env bash
# A tour of Pasig on real files: replicate, fail over, look back. Every line that is shown was
# run. Needs `pasig` on the PATH and a running pasigd with controllers in zone-a and zone-b.
set -euo pipefail

step=0
title() { step=$((step + 1)); printf '\n\033[1m%d. %s\033[0m\n' "$step" "$*"; }
run() { printf '   $ %s\n' "$*"; "$@" 2>&1 | sed 's/^/     /'; }
field() { python3 -c 'import json,sys
whole = json.load(sys.stdin)
def find(path, value=whole):
    for key in path.split("."):
        value = value[int(key)] if isinstance(value, list) else value[key]
    return "" if value is None else str(value)
print(",".join(find(path) for path in sys.argv[1].split(",")))' "$1"; }
export_of() { pasig replica show "$1" -o json | field exports.0; }
# Waits until a replica is in_sync with data no older than the given time.
until_in_sync_since() {
  local tries=0 seen
  until seen=$(pasig replica show "$1" -o json | field state,data_as_of) &&
      [[ $seen == in_sync,* && ${seen#*,} > $2 ]]; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || { echo "     not in_sync after 60 s; see pasig why $1"; exit 1; }
    read -r -t 1 <> <(:) || true
  done
  echo "     in_sync, with data as of ${seen#*,}"
}
digest() { (cd "$1/" && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16); }

number=1
while pasig share show "demo-$number" >/dev/null 2>&1; do number=$((number + 1)); done
share=demo-$number

title "A replicated share type: readable copies, at most 60 s old, synced every 2 s"
if pasig type show gold >/dev/null 2>&1; then echo "     type gold is there already"
else run pasig type create gold --replication readable --rpo 60 --sync-interval 2; fi

title "A share of that type"
run pasig share create "$share" --type gold --size 1 --zone zone-a --wait
first=$(pasig replica list "$share" -o json | field replicas.0.id)
old=$(export_of "$first")

title "Real files in its export"
mkdir "$old/reports"
for i in 1 2 3; do head -c 100000 /dev/urandom > "$old/reports/$i.dat"; done
echo "written before the change" > "$old/journal.txt"
echo "     4 files in $old"

title "A replica in the other zone"
run pasig replica add "$share" --zone zone-b --wait --reason "a second copy"
second=$(pasig replica show "$share@zone-b" -o json | field id)
run pasig replica list "$share"

title "Both copies, by digest"
echo "     zone-a $(digest "$old")"
echo "     zone-b $(digest "$(export_of "$second")")"
[ "$(digest "$old")" = "$(digest "$(export_of "$second")")" ] && echo "     equal"

title "Change the active replica: zone-b takes over, nothing is lost"
run pasig replica set-active "$second" --mode planned --wait --reason "tour: fail over"
new=$(export_of "$second")

title "Write through the new export, and through the old one"
echo "written after the change" >> "$new/journal.txt"
written=$(date -u +%Y-%m-%dT%H:%M:%S.%6N)
echo "     new: $new/journal.txt has $(wc -l < "$new/journal.txt") lines"
if message=$(sh -c "echo 'written behind the fence' >> '$old/journal.txt'" 2>&1); then
  echo "     old: the write went through; it is kept aside, not replicated"
else
  echo "     old: refused: ${message##*: }"
fi

title "The demoted side follows"
until_in_sync_since "$first" "$written"
echo "     zone-a $(digest "$(export_of "$first")")"
echo "     zone-b $(digest "$new")"
[ "$(digest "$(export_of "$first")")" = "$(digest "$new")" ] && echo "     equal"

title "Who did what, when, and why"
run pasig history "$share"
run pasig why "$first"
