#!/usr/bin/env bash
# The number of the pasigd that was started with this configuration, or nothing: asked of the
# system, because a number in a file outlives its process.
set -euo pipefail
config=$1
for process in /proc/[0-9]*; do
  [[ $(readlink "$process/exe" 2>/dev/null) == */pasigd* ]] || continue
  mapfile -d '' -t words 2>/dev/null < "$process/cmdline" || continue
  [ "${words[1]:-} ${words[2]:-}" = "--config $config" ] || continue
  echo "${process#/proc/}"
  break
done
