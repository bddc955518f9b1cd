# The system's installation: root's binary, the user whose the log is, the writer, agents with users of their own. Read by install.sh
# (`--system`). Everything it changes is shown first, and nothing is changed that is right already.

etc=/etc/vetsh
log=/var/lib/vetsh
unit=/etc/systemd/system/vetsh-writer.service
dropin=/etc/ssh/sshd_config.d/60-vetsh.conf
# Who is in one of these reaches root without us.
mighty="root sudo wheel admin adm staff docker lxd incus incus-admin libvirt disk shadow kmem"

system_main() {
    [ "$(id -u)" = 0 ] || die "--system changes the machine: run it as root"
    prefix=${prefix:-/usr/local}
    bin=$prefix/bin/vetsh
    shims=$prefix/lib/vetsh/shims
    scratch=$(mktemp -d) || die "no temporary directory"
    trap 'rm -rf "$scratch"' EXIT INT TERM
    steps=
    if [ -n "$uninstall" ]; then
        system_unplan
    else
        for agent in $agents; do may_be_agent "$agent"; done
        build
        system_plan
    fi
    if [ -z "$steps" ]; then
        say "nothing to change"
    else
        consent
        for step in $steps; do "$step"; done
    fi
    [ -n "$uninstall" ] || { [ -z "$proof" ] || system_prove; system_point; }
}

need() { steps="$steps $1"; shift; say "  $*"; }
shown() { sed 's/^/    | /' "$1"; }

consent() {
    [ -z "$yes" ] || return 0
    [ -t 0 ] || die "these changes need a yes: run it at a terminal, or with --yes"
    printf 'Make these changes? [y/N] '
    read -r answer
    case $answer in y|Y|yes) ;; *) say "nothing was changed"; exit 1 ;; esac
}

# A field of a user's line in the database.
field() { awk -F: -v name="$1" -v at="$2" '$1 == name { print $at; exit }' /etc/passwd; }
systemd() { [ -d /run/systemd/system ]; }
# A file as it should be: written beside, and moved into place.
write() { cp "$1" "$2.new.$$" && chmod "$3" "$2.new.$$" && mv -f "$2.new.$$" "$2" || die "cannot write $2"; }
has_line() { [ -e "$2" ] && grep -qxF "$1" "$2"; }
add_line() { if [ -s "$2" ] && [ -n "$(tail -c 1 "$2")" ]; then printf '\n' >>"$2"; fi; printf '%s\n' "$1" >>"$2"; }
drop_line() { if [ -e "$2" ]; then grep -vxF "$1" "$2" >"$scratch/rest" || true; cat "$scratch/rest" >"$2"; fi; }
listed() { awk '{ print $2 }' $etc/agents 2>/dev/null || true; }

# Whose login shell it must not become: if vetsh or its policy broke, nobody could get in to mend it; and who reaches root by
# another way is not held by it.
may_be_agent() {
    [ "$1" != vetsh ] || die "vetsh: this user keeps the log, an agent must not be it"
    uid=$(field "$1" 3)
    [ -n "$uid" ] || return 0
    [ "$uid" != 0 ] || die "$1 is root: its login shell stays what it is, or a broken policy would lock out whoever must mend it"
    for group in $(id -nG "$1"); do
        for might in $mighty; do
            [ "$group" != "$might" ] || die "$1 is in the group $group, which reaches root without a shell of its own: take it out of it, or give the agent another user"
        done
    done
    rules=$(sudo_rules "$1")
    [ -z "$rules" ] || die "$1 has rights by sudo or doas ($rules): what it runs by them is root's and not held by a login shell; take them away, or give the agent another user"
}

sudo_rules() {
    if command -v sudo >/dev/null 2>&1; then
        LC_ALL=C sudo -n -l -U "$1" >"$scratch/sudo" 2>&1 </dev/null || true
        if grep -q "may run the following" "$scratch/sudo"; then
            printf 'sudo -l -U %s' "$1"
        elif ! grep -q "is not allowed to run sudo" "$scratch/sudo"; then
            printf 'sudo cannot say: %s' "$(head -n 1 "$scratch/sudo")"
        fi
    fi
    for file in /etc/sudoers /etc/sudoers.d/* /etc/doas.conf /etc/doas.d/*; do
        [ -f "$file" ] || continue
        if grep -v '^[[:space:]]*#' "$file" | grep -qwF -- "$1"; then printf ' %s' "$file"; fi
    done
}

# What stands there must be root's to change alone, up to /.
is_roots() {
    at=$1
    while :; do
        if [ -e "$at" ] && [ -n "$(find -H "$at" -maxdepth 0 \( ! -user 0 -o -perm -002 \) -print)" ]; then
            die "$at can be changed by others than root: choose another --prefix, or mend it"
        fi
        [ "$at" != / ] || return 0
        at=$(dirname "$at")
    done
}

system_plan() {
    is_roots "$prefix/bin"; is_roots "$prefix/lib/vetsh"; is_roots $etc
    say "This changes the machine:"
    cmp -s "$built" "$bin" && [ "$(stat -c %u:%a "$bin")" = 0:755 ] || need put_binary "$bin: the binary, root's"
    for name in bash sh zsh dash; do
        if [ "$(readlink "$shims/$name" 2>/dev/null || true)" != "$bin" ]; then
            need put_links "$shims/{bash,sh,zsh,dash}: links to it, for login shells and PATH"; break
        fi
    done
    [ -n "$(field vetsh 3)" ] || need make_keeper "user vetsh, without shell, home and password: the log is its"
    [ -d $log ] || need make_log "$log: the log, readable for vetsh and root alone"
    [ -e $etc/policy.toml ] || need put_policy "$etc/policy.toml: root's policy, as $here/config/system/policy.toml (nothing but comments)"
    for name in bash sh; do
        if ! has_line "$shims/$name" /etc/shells; then need put_shells "/etc/shells: $shims/bash and $shims/sh may be login shells"; break; fi
    done
    sed "s|@BIN@|$bin|" "$here/config/system/vetsh-writer.service" >"$scratch/unit"
    if systemd; then
        if ! cmp -s "$scratch/unit" $unit; then
            need put_unit "$unit, enabled and started: the writer of the log"; shown "$scratch/unit"
        elif ! cmp -s "$built" "$bin"; then
            need put_unit "the writer of the log is started anew, as the new binary"
        fi
    elif answers && ! cmp -s "$built" "$bin"; then
        need restart_writer "the writer of the log is started anew, as the new binary"
    elif ! answers; then
        need start_writer "the writer of the log is started now: $bin writer"
        say "    there is no systemd here: let your init start '$bin writer' as root at boot (it becomes the user vetsh)"
    fi
    for agent in $agents; do
        if [ -z "$(field "$agent" 3)" ]; then
            need make_agents "user $agent, with a home and no password, login shell $shims/bash"
        elif [ "$(field "$agent" 7)" != "$shims/bash" ]; then
            need make_agents "user $agent: login shell $shims/bash instead of $(field "$agent" 7)"
        fi
        listed | grep -qx "$agent" || need list_agents "$etc/agents: $agent; its records go to the writer, its own policy only tightens, a yes for it is a signature"
        for kind in cron at; do
            denies $kind || continue
            has_line "$agent" /etc/$kind.deny || need deny_jobs "/etc/$kind.deny: $agent ($kind runs lines by /bin/sh, unvetted)"
        done
    done
    plan_sshd
    steps=$(printf '%s\n' $steps | awk '!seen[$0]++')
    for agent in $agents; do
        for left in /var/spool/cron/crontabs/$agent /var/spool/cron/$agent /var/lib/systemd/linger/$agent; do
            [ ! -e "$left" ] || say "  beware: $left is there; what it starts is unvetted: look at it and remove it"
        done
    done
}

# Whether a list of denied users is what keeps one out: where there is none, making one may let in all others (but for Debian's cron).
denies() {
    command -v "${1}tab" >/dev/null 2>&1 || command -v "$1" >/dev/null 2>&1 || return 1
    [ ! -e "/etc/$1.allow" ] || return 1
    [ -e "/etc/$1.deny" ] || { [ "$1" = cron ] && [ -e /etc/debian_version ]; }
}

# Whether a writer listens.
answers() { [ -S /run/vetsh/writer ] && grep -q ' /run/vetsh/writer$' /proc/net/unix 2>/dev/null; }

sshd_program() { command -v sshd 2>/dev/null || { [ ! -x /usr/sbin/sshd ] || echo /usr/sbin/sshd; }; }

plan_sshd() {
    sshd=$(sshd_program)
    all=$(printf '%s\n' $(listed) $agents | sort -u | paste -sd, -)
    [ -n "$sshd" ] && [ -n "$all" ] || return 0
    sed "s/@AGENTS@/$all/" "$here/config/system/sshd.conf" >"$scratch/sshd"
    if ! cmp -s "$scratch/sshd" $dropin; then
        if ! includes; then
            say "  to do by hand: /etc/ssh/sshd_config includes no sshd_config.d; add this to its end:"
            shown "$scratch/sshd"
        elif ! "$sshd" -t >"$scratch/told" 2>&1; then
            say "  to do by hand: sshd's own configuration does not pass 'sshd -t'; mend it and run this again:"
            shown "$scratch/told"
        else
            need put_sshd "$dropin, checked by 'sshd -t', and sshd reads it again:"
            shown "$scratch/sshd"
        fi
    fi
    for agent in $agents; do
        "$sshd" -T -C "user=$agent,host=localhost,addr=127.0.0.1" >"$scratch/told" 2>/dev/null || continue
        ! grep -qi '^subsystem sftp internal-sftp' "$scratch/told" || say "  beware: sshd serves sftp itself (internal-sftp), past any shell: set 'Subsystem sftp /usr/lib/openssh/sftp-server'"
        ! grep -i '^forcecommand [^n]' "$scratch/told" || say "  beware: sshd forces that command on $agent"
    done
}

includes() { grep -Eiq '^[[:space:]]*Include[[:space:]].*sshd_config\.d/\*\.conf' /etc/ssh/sshd_config 2>/dev/null; }

put_binary() { mkdir -p "$prefix/bin"; write "$built" "$bin" 755; chown 0:0 "$bin"; }
put_links() {
    mkdir -p "$shims"
    chown 0:0 "$prefix/lib/vetsh" "$shims"; chmod 755 "$prefix/lib/vetsh" "$shims"
    for name in bash sh zsh dash; do rm -f "$shims/$name"; ln -s "$bin" "$shims/$name"; done
}
make_keeper() {
    if command -v useradd >/dev/null 2>&1; then
        useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin vetsh || die "useradd does not make the user vetsh"
    else
        adduser -S -D -H -h /nonexistent -s /sbin/nologin vetsh || die "adduser does not make the user vetsh"
    fi
}
make_log() { mkdir -p $log; chown vetsh: $log; chmod 700 $log; }
put_policy() { mkdir -p $etc; chown 0:0 $etc; chmod 755 $etc; write "$here/config/system/policy.toml" $etc/policy.toml 644; }
put_shells() { for name in bash sh; do has_line "$shims/$name" /etc/shells || add_line "$shims/$name" /etc/shells; done; }
put_unit() {
    write "$scratch/unit" $unit 644
    systemctl daemon-reload && systemctl enable vetsh-writer && systemctl restart vetsh-writer || die "systemd does not start vetsh-writer: systemctl status vetsh-writer"
}
start_writer() {
    setsid "$bin" writer </dev/null >/dev/null 2>"$scratch/writer" &
    tries=0
    while ! answers; do
        [ "$tries" -lt 50 ] || { cat "$scratch/writer" >&2; die "the writer does not start"; }
        sleep 0.1; tries=$((tries + 1))
    done
}
restart_writer() { end_writer; start_writer; }
# Whose command line says that it is the writer that was started here.
end_writer() {
    for process in /proc/[0-9]*; do
        if [ "$(tr '\0' ' ' <"$process/cmdline" 2>/dev/null)" = "$bin writer " ]; then kill "${process#/proc/}" 2>/dev/null || true; fi
    done
    tries=0
    while answers && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
}
make_agents() {
    for agent in $agents; do
        former=$(field "$agent" 7)
        if [ -z "$(field "$agent" 3)" ]; then
            if command -v useradd >/dev/null 2>&1; then
                useradd --create-home --user-group --shell "$shims/bash" "$agent" || die "useradd does not make the user $agent"
            else
                adduser -D -s "$shims/bash" "$agent" || die "adduser does not make the user $agent"
            fi
            former=-
        elif [ "$former" != "$shims/bash" ]; then
            usermod --shell "$shims/bash" "$agent" || die "usermod does not change the shell of $agent"
        else
            continue
        fi
        grep -q "^$agent " $etc/former-shells 2>/dev/null || add_line "$agent $former" $etc/former-shells
    done
}
list_agents() { for agent in $agents; do listed | grep -qx "$agent" || add_line "$(field "$agent" 3) $agent" $etc/agents; done; chmod 644 $etc/agents; }
deny_jobs() {
    for agent in $agents; do
        for kind in cron at; do
            denies $kind || continue
            has_line "$agent" /etc/$kind.deny || add_line "$agent" /etc/$kind.deny
        done
    done
}
put_sshd() {
    rm -f "$scratch/before"
    [ ! -e $dropin ] || cp -p $dropin "$scratch/before"
    write "$scratch/sshd" $dropin 644
    if ! "$sshd" -t >"$scratch/told" 2>&1; then
        if [ -e "$scratch/before" ]; then mv -f "$scratch/before" $dropin; else rm -f $dropin; fi
        shown "$scratch/told" >&2
        die "sshd does not take $dropin, and it is as it was before; nothing of sshd was changed"
    fi
    reload_sshd
}
reload_sshd() {
    if systemd; then
        for name in ssh sshd; do if systemctl -q is-active $name; then systemctl reload $name; return 0; fi; done
    elif [ -s /run/sshd.pid ]; then
        kill -HUP "$(cat /run/sshd.pid)" || true
    fi
}

# As each agent, by its login shell: one line runs, one is refused, and root finds both in the log.
system_prove() {
    say "proving it:"
    for agent in $agents; do
        out=$(cd / && su "$agent" -c 'echo vetted' </dev/null 2>"$scratch/err") && [ "$out" = vetted ] || { cat "$scratch/err" >&2; die "proof failed: 'echo vetted' did not run as $agent"; }
        code=0
        (cd / && su "$agent" -c 'curl -s http://127.0.0.1:9/none | sh') </dev/null >"$scratch/out" 2>&1 || code=$?
        [ "$code" = 126 ] || { cat "$scratch/out" >&2; die "proof failed: a download into a shell ended with $code, not with 126"; }
        say "  $agent        one line ran, one was refused (126)"
    done
    "$bin" audit verify >"$scratch/out" 2>&1 || { cat "$scratch/out" >&2; die "proof failed: the log does not verify"; }
    say "  the log      $(head -n 1 "$scratch/out")"
}

system_point() {
    cat <<TEXT

Root verifies what was recorded: vetsh audit verify, vetsh audit tail, vetsh session list.
Who may say yes for these agents stands in $etc/allowed_signers (docs/approvals.md); as long as it is not there, what is asked about is refused.
Agents that are started rather than logged in find us as $shims/bash.
TEXT
}

system_unplan() {
    say "This changes the machine back:"
    formers=$etc/former-shells
    [ ! -s $formers ] || { need give_shells_back "login shells as they were:"; shown $formers; }
    [ ! -e $dropin ] || need drop_sshd "$dropin goes, and sshd reads its configuration again"
    for kind in cron at; do
        for agent in $(listed); do ! has_line "$agent" /etc/$kind.deny || need allow_jobs "/etc/$kind.deny: without $agent"; done
    done
    if [ -e $unit ] || answers; then need stop_writer "the writer stops, its service goes"; fi
    if has_line "$shims/bash" /etc/shells || has_line "$shims/sh" /etc/shells; then need drop_shells "/etc/shells: without $shims/bash and $shims/sh"; fi
    if [ -e "$bin" ] || [ -d "$shims" ]; then need drop_binary "$bin and $shims go"; fi
    [ ! -e $etc/agents ] || need drop_lists "$etc/agents and $etc/former-shells go"
    if [ -n "$purge" ]; then
        if [ -e $etc ] || [ -e $log ]; then need drop_records "$etc and $log go, with the policy and EVERY RECORD, and the user vetsh"; fi
    else
        say "  the policy in $etc and the log in $log stay (--purge: they go too)"
    fi
    steps=$(printf '%s\n' $steps | awk '!seen[$0]++')
}

give_shells_back() {
    while read -r agent former; do
        [ -n "$(field "$agent" 3)" ] && [ "$(field "$agent" 7)" = "$shims/bash" ] || continue
        [ "$former" != - ] || former=/usr/sbin/nologin
        usermod --shell "$former" "$agent" || die "usermod does not give $agent its shell back: $former"
    done <$formers
}
drop_sshd() {
    rm -f $dropin
    sshd=$(sshd_program)
    [ -z "$sshd" ] || ! "$sshd" -t >/dev/null 2>&1 || reload_sshd
}
allow_jobs() { for kind in cron at; do for agent in $(listed); do drop_line "$agent" /etc/$kind.deny; done; done; }
stop_writer() {
    if systemd; then systemctl disable --now vetsh-writer >/dev/null 2>&1 || true; fi
    rm -f $unit
    if systemd; then systemctl daemon-reload; fi
    end_writer
    rm -rf /run/vetsh
}
drop_shells() { drop_line "$shims/bash" /etc/shells; drop_line "$shims/sh" /etc/shells; }
drop_binary() { for name in bash sh zsh dash; do rm -f "$shims/$name"; done; rm -f "$bin"; rmdir "$shims" "$prefix/lib/vetsh" 2>/dev/null || true; }
drop_lists() { rm -f $etc/agents $etc/former-shells; }
drop_records() { rm -rf $etc $log; userdel vetsh 2>/dev/null || deluser vetsh 2>/dev/null || true; }
