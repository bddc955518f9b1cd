#!/usr/bin/env bash
# Writes build/start.ld: which functions a launch calls, found by callgrind, so that the linker puts them beside one another. A
# start then touches a few pages of code instead of one in every sixteenth of the binary. Names stand without their hashes, so
# that the list outlives a compiler; it is worth writing again when the way of a command has changed much.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(uname -m)-unknown-linux-musl
dir=${CARGO_TARGET_DIR:-target}
CARGO_PROFILE_RELEASE_STRIP=none cargo build --quiet --release --locked --target "$target" --bin vetsh --target-dir "$dir/symbols"
vetsh=$(readlink -f "$dir/symbols/$target/release/vetsh")
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/root" "$scratch/work"; git -C "$scratch/work" init -q
# None of these does anything in an empty directory.
for line in true 'ls -la' 'git status --short && git diff --stat' 'cd src && grep -rn foo --include=*.rs . 2>/dev/null | sort | head -20' \
    'for f in *.rs; do wc -l "$f"; done' 'cat README.md; echo done' 'if [ -f a ]; then cat a; fi' 'sed -n 1,20p a.txt > b.txt'; do
    (cd "$scratch/work" && valgrind -q --tool=callgrind --demangle=no --callgrind-out-file="$scratch/cg.%p" --dump-before='execve*' \
        "$vetsh" --root "$scratch/root" --as bash -c "$line" >/dev/null 2>&1 </dev/null) || true
done
# A name's own hash, and those of the crates in it, give way to `*`.
plain() { sed -E 's/17h[0-9a-f]{16}E(\.llvm\.[0-9]+)? /17h* /; s/Cs[0-9A-Za-z]+_/Cs*_/g'; }
sed -n 's/^c\?fn=([0-9]*) //p' "$scratch"/cg.*.[0-9]* | sed "s/'[0-9]*\$//" | sort -u > "$scratch/called"
nm -S -t d "$vetsh" | awk '$3 ~ /^[tTwW]$/ { print $4, $2 + 0 }' | sort > "$scratch/all"
join "$scratch/called" "$scratch/all" | awk '{ print $1, $2, $1 }' | plain > "$scratch/hot"
plain < "$scratch/all" > "$scratch/matched"
{
    echo '/* Written by benches/order.sh: the functions that a launch calls, beside one another. What only unwinding needs is left'
    echo '   out: a panic aborts, and a stripped binary has no trace to tell. */'
    echo 'SECTIONS { /DISCARD/ : { *(EXCLUDE_FILE(*crtbegin*.o *crtend*.o) .eh_frame) *(.gcc_except_table .gcc_except_table.*) } } INSERT BEFORE .text;'
    echo 'SECTIONS { .text.start : {'
    # A pattern that would bring four times as much as was called gives way to the very names.
    awk 'FILENAME ~ /matched$/ { all[$1] += $2; next } { hot[$1] += $2; names[$1] = names[$1] " " $3 }
        END { for (name in hot) if (hot[name] * 4 >= all[name]) print " *(.text." name ")"; else { n = split(names[name], each, " "); for (i = 1; i <= n; i++) print " *(.text." each[i] ")" } }' \
        "$scratch/matched" "$scratch/hot" | sort
    # What the C library does before `main`, and what is written in assembly.
    echo ' *(.text.__libc_start_main .text.libc_start_main_stage2 .text.__init_libc .text.static_init_tls .text.__init_tls .text.__copy_tls .text.vetsh_memory)'
    echo '} } INSERT BEFORE .text;'
} > build/start.ld
wc -l build/start.ld
