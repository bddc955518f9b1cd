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
# As a client meets it: called `sh`, by a user whose home holds the state. Root makes two such users in a mount namespace of their
# own, one with the policy as it comes and one who trusted a policy without walls; nothing of it stays. Their homes lie below /home and
# hold what a developer's home holds, keys among it.
bench=$(cargo bench --locked --bench whole --no-run 2>&1 | sed -n 's/.*(\(.*\)).*/\1/p' | tail -n 1)
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
as_installed() { # NAME UID BUDGET POLICY PROFILES
    local home=$scratch/home/$1 at=/home/$1
    mkdir -p "$home"/{bin,.ssh,.aws,.config/gh,.cargo,.npm,.cache/pip,.local/share,.vscode,src/shop,Documents,Downloads}
    for file in .bashrc .profile .gitconfig .bash_history .npmrc .ssh/{id_ed25519,id_ed25519.pub,known_hosts,config} .aws/credentials \
        .config/gh/hosts.yml .cargo/credentials.toml src/shop/README.md; do echo "# nothing" > "$home/$file"; done
    cp "$binary" "$home/bin/vetsh"; ln -s vetsh "$home/bin/sh"; cp "$bench" "$home/bin/whole"
    if [ -n "$4" ]; then
        mkdir -p "$home/.config/vetsh" "$home/.local/state/vetsh/guard/trust"
        printf %s "$4" > "$home/.config/vetsh/policy.toml"
        cp "$home/.config/vetsh/policy.toml" "$home/.local/state/vetsh/guard/trust/$(printf %s "$at/.config/vetsh/policy.toml" | sha256sum | cut -d' ' -f1)"
        find "$home/.config" "$home/.local" -type d -exec chmod 700 {} +
    fi
    { cat /etc/passwd; echo "$1:x:$2:$2::$at:/bin/sh"; } > "$scratch/passwd"
    chown -R "$2:$2" "$home"; chmod 755 "$scratch" "$scratch/home" "$home"
    mkdir -p /home
    unshare -m --propagation private sh -c 'mount --bind "$1" /etc/passwd; mount --bind "$2" /home; shift 2; cd "$1"; exec setpriv --reuid "$2" \
        --regid "$2" --clear-groups env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$1" LANG=C.UTF-8 VETSH_PROFILES="$4" VETSH_BUDGET="$3" VETSH_BINARY="$1/bin/vetsh" \
        "$1/bin/whole"' sh "$scratch/passwd" "$scratch/home" "$at" "$2" "$3" "${5:-}"
}
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
    export VETSH_INSTALLED=1
    echo "installed, no walls"
    as_installed vetshb1 58741 0.30 $'format = 1\n[walls]\nmode = "off"\n' "open workspace review offline"
    echo "installed, the policy as it comes: walls of the profile workspace"
    as_installed vetshb2 58742 1.00 ""
fi
VETSH_BINARY=$binary "$bench"
