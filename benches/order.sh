#!/usr/bin/env bash
# Writes build/start.ld: which functions a launch calls, found by callgrind, so that the linker puts them beside one another. A
# start then touches a few pages of code instead of one in every sixteenth of the binary. Names stand without their hashes, so
# that the list outlives a compiler; it is worth writing again when the way of a command has changed much.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(uname -m)-unknown-linux-musl
dir=${CARGO_TARGET_DIR:-target}
# With its symbols, and as a release otherwise: another profile would give the names other hashes.
cargo rustc --quiet --release --locked --target "$target" --bin vetsh --target-dir "$dir/order" -- -C strip=none
vetsh=$(readlink -f "$dir/order/$target/release/vetsh")
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/root" "$scratch/work"; git -C "$scratch/work" init -q
# Whoever has changed something has a policy of their own, which is read at each start.
own=$scratch/own/config/policy.toml; trust=$scratch/own/state/guard/trust
mkdir -p "$scratch/own/config" "$trust"; chmod -R go-rwx "$scratch/own"
printf 'format = 1\n[walls]\nmode = "off"\n' > "$own"
cp "$own" "$trust/$(printf %s "$own" | sha256sum | cut -d' ' -f1)"
# None of these does anything in an empty directory.
lines=(true 'ls -la' 'git status --short && git diff --stat' 'cd src && grep -rn foo --include=*.rs . 2>/dev/null | sort | head -20'
    'for f in *.rs; do wc -l "$f"; done' 'cat README.md; echo done' 'if [ -f a ]; then cat a; fi' 'sed -n 1,20p a.txt > b.txt')
called() { # what a launch of a line calls, each once, in a root
    rm -f "$scratch"/cg.*
    (cd "$scratch/work" && valgrind -q --tool=callgrind --demangle=no --callgrind-out-file="$scratch/cg.%p" --dump-before='execve*' \
        "$vetsh" --root "$scratch/${2:-root}" --as bash -c "$1" >/dev/null 2>&1 </dev/null) || true
    sed -n 's/^c\?fn=([0-9]*) //p' "$scratch"/cg.*.[0-9]* | sed "s/'[0-9]*\$//" | sort -u
}
{ called true; called true own; } | sort -u > "$scratch/always"
for line in "${lines[@]}"; do called "$line"; done | sort -u | comm -23 - "$scratch/always" > "$scratch/often"
# A name's own hash, and those of the crates in it, give way to `*`.
plain() { sed -E 's/17h[0-9a-f]{16}E(\.llvm\.[0-9]+)? /17h* /; s/Cs[0-9A-Za-z]+_/Cs*_/g'; }
nm -S -t d "$vetsh" | awk '$3 ~ /^[tTwW]$/ { print $4, $2 + 0 }' | sort > "$scratch/all"
plain < "$scratch/all" > "$scratch/matched"
patterns() { # What is marked cold stands in sections of another name. A pattern that would bring half as much again as was called gives way to the very names.
    join "$1" "$scratch/all" | awk '{ print $1, $2, $1 }' | plain | awk '
        function rule(name) { return " *(.text." name " .text.unlikely." name ")" }
        FILENAME ~ /matched$/ { all[$1] += $2; next } { hot[$1] += $2; names[$1] = names[$1] " " $3 }
        END { for (name in hot) if (hot[name] * 1.5 >= all[name]) print rule(name); else { n = split(names[name], each, " "); for (i = 1; i <= n; i++) print rule(each[i]) } }' \
        "$scratch/matched" - | sort
}
{
    echo '/* Written by benches/order.sh: the functions that a launch calls, beside one another. What only unwinding needs is left'
    echo '   out: a panic aborts, and a stripped binary has no trace to tell. */'
    echo 'SECTIONS { /DISCARD/ : { *(EXCLUDE_FILE(*crtbegin*.o *crtend*.o) .eh_frame) *(.gcc_except_table .gcc_except_table.*) } } INSERT BEFORE .text;'
    echo 'SECTIONS { .heap (NOLOAD) : { *(.bss.vetsh_heap) } } INSERT AFTER .bss;'
    echo 'SECTIONS { .text.start : {'
    patterns "$scratch/always"
    # What valgrind does not get to: it knows no descriptors of processes, and is itself the client of what it runs.
    echo ' *(.text._ZN5vetsh3sys7process4told* .text._ZN5vetsh3sys7process4seen* .text._ZN5vetsh5house5House7inhabit28_* .text._ZN5vetsh7session5table5Table5up_to* .text._ZN5vetsh4exec4live4Live* .text._RNvMs*16from_ascii_radix* .text.*6SplitN*4next*)'
    # What the C library does before `main`, and what is written in assembly.
    echo ' *crt1.o(.text) *set_thread_area*(.text) *(.text.__sigaction .text.__libc_sigaction .text.__madvise)'
    echo ' *(.text.__libc_start_main .text.libc_start_main_stage2 .text.__init_libc .text.static_init_tls .text.__init_tls .text.__copy_tls .text.vetsh_memory)'
    patterns "$scratch/often"
    echo '} } INSERT BEFORE .text;'
} > build/start.ld
wc -l build/start.ld
