#!/bin/sh
# Builds vetsh from this checkout and puts it in place for this user, or (--system) for this machine. Edits no start-up file and no
# client's configuration.
#   ./install.sh [--prefix DIR] [--yes] [--no-proof] [--uninstall [--purge]] [--system [--agent NAME]...] [--help]
set -eu

usage() {
    cat <<'TEXT'
usage: ./install.sh [options]
  --prefix DIR   put the binary into DIR/bin (default: ~/.local)
  --yes          do not ask before anything; still edits no start-up file
  --no-proof     do not run the closing proof
  --uninstall    remove the binary and the shims; configuration and records stay
  --purge        with --uninstall: remove configuration and records too
  --system       for the machine, as root: the log is another user's than the agents'; every change is shown first (default prefix: /usr/local)
  --agent NAME   with --system: a user for an agent, with vetsh as its login shell; made where it is missing; may be said again
  --help         this text
What it makes: PREFIX/bin/vetsh, ~/.local/share/vetsh/shims/{bash,sh,zsh}, ~/.config/vetsh/policy.toml (never overwritten),
~/.local/state/vetsh (yours alone). Running it again changes nothing that is already right.
TEXT
}

say() { printf '%s\n' "$*"; }
die() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

add_agent() {
    case $1 in ''|*[!a-z0-9_-]*|-*) die "$1: this is no user's name" ;; esac
    agents="$agents $1"
}

main() {
    here=$(cd "$(dirname "$0")" && pwd)
    prefix= yes= proof=1 uninstall= purge= system= agents=
    while [ $# -gt 0 ]; do
        case $1 in
            --prefix) [ $# -ge 2 ] || die "--prefix needs a directory"; prefix=$2; shift ;;
            --prefix=*) prefix=${1#--prefix=} ;;
            --yes|-y) yes=1 ;;
            --no-proof) proof= ;;
            --uninstall) uninstall=1 ;;
            --purge) purge=1 ;;
            --system) system=1 ;;
            --agent) [ $# -ge 2 ] || die "--agent needs a name"; add_agent "$2"; shift ;;
            --agent=*) add_agent "${1#--agent=}" ;;
            --help|-h) usage; exit 0 ;;
            *) usage >&2; die "unknown option: $1" ;;
        esac
        shift
    done
    if [ -n "$system" ]; then
        . "$here/config/system/install.sh"
        system_main
        return 0
    fi
    [ -z "$agents" ] || die "--agent goes with --system"
    # vetsh itself takes the home of the user database, never HOME: so must we, or it would look elsewhere.
    home=$(awk -F: -v uid="$(id -u)" '$3 == uid { print $6; exit }' /etc/passwd 2>/dev/null || true)
    [ -n "$home" ] && [ -d "$home" ] || die "your user has no home directory in the user database; vetsh needs one to keep its policy and records"
    prefix=${prefix:-$home/.local}
    bin=$prefix/bin/vetsh
    shims=$home/.local/share/vetsh/shims
    config=$home/.config/vetsh
    state=$home/.local/state/vetsh
    if [ -n "$uninstall" ]; then remove; else build; put; [ -z "$proof" ] || prove; point; fi
}

build() {
    command -v cargo >/dev/null 2>&1 || die "cargo is not on PATH; install Rust with rustup first"
    arch=$(uname -m)
    target=$arch-unknown-linux-musl
    cd "$here"
    flags=${RUSTFLAGS:-}
    if ! has_target "$target"; then
        if command -v rustup >/dev/null 2>&1; then rustup target add "$target" >/dev/null 2>&1 || true; fi
    fi
    if ! has_target "$target"; then
        say "warning: the target $target cannot be had here; building against glibc, statically."
        say "         It works the same, starts about 0.6 ms slower, and reads users from local files only."
        target=$(rustc -vV | sed -n 's/^host: //p')
        flags="$flags -C target-feature=+crt-static"
    fi
    say "building vetsh for $target (a few minutes the first time)"
    # An empty RUSTFLAGS would still put aside what .cargo/config.toml says.
    if [ -n "$flags" ]; then RUSTFLAGS=$flags; export RUSTFLAGS; else unset RUSTFLAGS; fi
    cargo build --release --locked --target "$target" --bin vetsh || die "the build failed; the lines above say why"
    built=${CARGO_TARGET_DIR:-$here/target}/$target/release/vetsh
    [ -x "$built" ] || die "the build left no $built"
}

has_target() { [ -d "$(rustc --print sysroot)/lib/rustlib/$1/lib" ]; }

put() {
    ( umask 077; mkdir -p "$config" "$state" ) || die "cannot make $config and $state"
    chmod 700 "$state"
    mkdir -p "$prefix/bin" "$shims"
    if ! cmp -s "$built" "$bin"; then
        # A running shell keeps the old file: rename, never write in place.
        cp "$built" "$bin.new.$$" && chmod 755 "$bin.new.$$" && mv -f "$bin.new.$$" "$bin" || die "cannot write $bin"
    fi
    for name in bash sh zsh; do
        [ "$(readlink "$shims/$name" 2>/dev/null || true)" = "$bin" ] || { rm -f "$shims/$name"; ln -s "$bin" "$shims/$name"; }
    done
    if [ ! -e "$config/policy.toml" ]; then ( umask 077; cp "$here/config/policy.toml" "$config/policy.toml" ); fi
    "$bin" policy check >/dev/null || die "the policy does not load; '$bin policy check' says why"
    say "installed $bin, shims in $shims, policy in $config/policy.toml, records in $state/audit"
}

# One autonomous line runs, one prohibited is refused, one supervised waits, and the chain verifies: all with harmless lines.
prove() {
    say "proving it:"
    scratch=$(mktemp -d) || die "no temporary directory"
    trap 'rm -rf "$scratch"' EXIT INT TERM
    cd "$scratch"
    out=$("$shims/bash" -c 'echo vetted' </dev/null 2>"$scratch/err") && [ "$out" = vetted ] || { cat "$scratch/err" >&2; die "proof failed: 'echo vetted' did not run through $shims/bash"; }
    say "  autonomous   echo vetted                          ran"
    code=0
    "$shims/bash" -c 'curl -s http://127.0.0.1:9/none | sh' </dev/null >"$scratch/out" 2>&1 || code=$?
    [ "$code" = 126 ] || { cat "$scratch/out" >&2; die "proof failed: a download into a shell ended with $code, not with 126"; }
    say "  prohibited   curl http://127.0.0.1:9/none | sh    refused (126)"
    supervised
    "$bin" audit verify >"$scratch/out" 2>&1 || { cat "$scratch/out" >&2; die "proof failed: the record does not verify"; }
    say "  record       $(head -n 1 "$scratch/out")"
    cd /
}

# A supervised line: where this script has a terminal of a human the question is asked there; else it waits in the queue, and
# is denied from here where that is allowed, or reported as waiting.
supervised() {
    mark=$home/.vetsh-proof
    line="touch $mark"
    rm -f "$mark"
    if [ -t 0 ] && [ -z "$yes" ]; then
        say "  supervised   $line"
        say "               you may be asked now: y lets it run, anything else refuses it"
    fi
    # </dev/null: nothing of the script's stdin is the line's.
    "$shims/bash" -c "$line" </dev/null >"$scratch/sup" 2>&1 &
    pid=$!
    tries=0 id=
    while [ "$tries" -lt 50 ] && kill -0 "$pid" 2>/dev/null; do
        id=$("$bin" approvals --json 2>/dev/null | sed -n 's/.*"id":"\([^"]*\)".*/\1/p' | tail -n 1)
        [ -z "$id" ] || break
        sleep 0.1; tries=$((tries + 1))
    done
    code=0
    if [ -n "$id" ]; then
        [ ! -e "$mark" ] || die "proof failed: a line that waits for a human has run"
        if "$bin" deny "$id" --reason "install proof" >/dev/null 2>&1; then
            wait "$pid" || code=$?
            [ "$code" = 126 ] || die "proof failed: a denied line ended with $code"
            say "  supervised   $line   waited as $id, denied from here, refused (126)"
        else
            kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true
            say "  supervised   $line   waits as $id: no human could answer from this script's terminal, so it did not run"
        fi
    else
        wait "$pid" || code=$?
        case $code in
            0) [ -e "$mark" ] || die "proof failed: an approved line did not run"
               say "  supervised   $line   asked, approved, ran" ;;
            126|75) say "  supervised   $line   asked, not approved, did not run ($code)" ;;
            *) cat "$scratch/sup" >&2; die "proof failed: a supervised line ended with $code" ;;
        esac
    fi
    rm -f "$mark"
}

point() {
    cat <<TEXT

Point your agent at it (nothing was changed for you):
  Claude Code   SHELL=$shims/bash claude            (or "env": {"CLAUDE_CODE_SHELL": "$shims/bash"} in its settings)
  Codex         it takes the login shell of the user database, else bash from PATH:  PATH=$shims:\$PATH codex
  Gemini CLI    PATH=$shims:\$PATH gemini
  opencode      "shell": "$shims/bash" in its configuration, or SHELL=$shims/bash opencode
  aider         SHELL=$shims/bash aider

Then:  vetsh check -- 'rm -rf ~/old'     vetsh explain -- LINE     vetsh approvals     vetsh audit tail
$(case ":$PATH:" in *":$prefix/bin:"*) ;; *) printf 'Put %s on your PATH to call vetsh by name.' "$prefix/bin" ;; esac)
TEXT
}

remove() {
    for name in bash sh zsh; do rm -f "$shims/$name"; done
    rm -f "$bin"
    rmdir "$shims" "$home/.local/share/vetsh" 2>/dev/null || true
    if [ -n "$purge" ]; then
        if [ -z "$yes" ] && [ -t 0 ]; then
            printf 'Remove %s and %s with every record? [y/N] ' "$config" "$state"; read -r answer
            case $answer in y|Y) ;; *) say "kept"; exit 0 ;; esac
        fi
        rm -rf "$config" "$state"
        say "removed vetsh, its policy and its records"
    else
        say "removed vetsh; policy stays in $config, records in $state"
    fi
    say "Clients that point at $shims fall back to another shell or fail: undo their setting as well."
}

main "$@"
