#!/usr/bin/env bash
# Counts instructions with callgrind, which does not care how busy the machine is: `sh -c true` up to its execve, and a fixed set
# of lines through `check`. Fails when a count exceeds its line in benches/instructions.tsv by more than a quarter,
# a launch by more than double: how many processes stand above us is part of it.
# `benches/instructions.sh --update` writes the counts measured now.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(uname -m)-unknown-linux-musl
[ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] || rustup target add "$target" >/dev/null 2>&1 || { echo "SKIPPED: no $target target" >&2; exit 0; }
dir=${CARGO_TARGET_DIR:-target}
# The same code as the release, with its symbols, so that callgrind can stop at execve.
CARGO_PROFILE_RELEASE_STRIP=none cargo build --quiet --release --locked --target "$target" --bin vetsh --target-dir "$dir/symbols"
vetsh=$(readlink -f "$dir/symbols/$target/release/vetsh")
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/root" "$scratch/work"; git -C "$scratch/work" init -q
cd "$scratch/work"
count() { # name, then argv
    name=$1; shift
    rm -f "$scratch"/cg.*
    valgrind --tool=callgrind --callgrind-out-file="$scratch/cg.%p" --dump-before='execve*' "$@" >/dev/null 2>"$scratch/err" </dev/null || true
    sum=0
    for file in "$scratch"/cg.*; do
        [ -e "$file" ] || continue
        # A dump taken before execve is numbered; the image that follows overwrites the plain name, so only dumps count there.
        case $name in launch*) case $file in *.[0-9]*.[0-9]*) ;; *) continue ;; esac ;; esac
        n=$(sed -n 's/^\(summary\|totals\): *//p' "$file" | head -n 1); sum=$((sum + ${n:-0}))
    done
    printf '%s\t%s\n' "$name" "$sum"
}
{
    count "launch sh -c true" "$vetsh" --root "$scratch/root" --as sh -c true
    count "check ls -la" "$vetsh" --root "$scratch/root" check -- 'ls -la'
    count "check a pipeline" "$vetsh" --root "$scratch/root" check -- 'cd src && grep -rn foo --include=*.rs . 2>/dev/null | sort | head -20'
    count "check a force push" "$vetsh" --root "$scratch/root" check -- 'git push -uf origin main'
    count "check a loop" "$vetsh" --root "$scratch/root" check -- 'for f in src/*.rs; do wc -l "$f"; done'
} > "$scratch/counts"
cd - >/dev/null
if [ "${1:-}" = --update ]; then cp "$scratch/counts" benches/instructions.tsv; cat benches/instructions.tsv; exit 0; fi
awk -F'\t' 'NR == FNR { allowed[$1] = $2; next }
    { verdict = "ok"; if ($2 == 0) verdict = "NOT MEASURED"; else if (!($1 in allowed)) verdict = "no figure kept"; else if ($2 > allowed[$1] * ($1 ~ /^launch/ ? 2 : 1.25)) verdict = "MORE THAN A QUARTER OVER " allowed[$1];
      printf "%-28s %12d  %s\n", $1, $2, verdict; if (verdict != "ok") bad = 1 }
    END { exit bad }' benches/instructions.tsv "$scratch/counts"
