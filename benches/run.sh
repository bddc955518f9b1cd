#!/usr/bin/env bash
# Shows every budget: builds the static binary as install.sh does, then measures whole processes against the bare shell in one run.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(uname -m)-unknown-linux-musl
[ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] || rustup target add "$target" >/dev/null 2>&1 || true
cargo build --quiet --release --locked --target "$target" --bin vetsh
binary=$(readlink -f "${CARGO_TARGET_DIR:-target}/$target/release/vetsh")
size=$(stat -c %s "$binary")
relocations=$(readelf -rW "$binary" 2>/dev/null | grep -c R_ || true)
printf 'binary        %s bytes (budget 4 MB), %s relocations (budget 2,000)\n' "$size" "${relocations:-0}"
# With another root than home's a launch is recorded in home's own state as well, where there is one.
state=$(getent passwd "$(id -u)" | cut -d: -f6)/.local/state/vetsh
if [ -d "$state" ]; then echo "NOTE: $state is there: each launch below writes two records, one of them into it" >&2; fi
VETSH_BINARY=$binary cargo bench --quiet --locked --bench whole
