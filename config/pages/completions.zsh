#compdef vetsh

autoload -U is-at-least

_vetsh() {
    typeset -A opt_args
    typeset -a _arguments_options
    local ret=1

    if is-at-least 5.2; then
        _arguments_options=(-s -S -C)
    else
        _arguments_options=(-s -C)
    fi

    local context curcontext="$curcontext" state line
    _arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help]' \
'--help[Print help]' \
'-V[Print version]' \
'--version[Print version]' \
":: :_vetsh_commands" \
"*::: :->vetsh" \
&& ret=0
    case $state in
    (vetsh)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:vetsh-command-$line[1]:"
        case $line[1] in
            (check)
_arguments "${_arguments_options[@]}" : \
'()--batch=[Read one JSON object a line from FILE (\`-\`\: standard input), write one for each]:FILE:_files' \
'--dialect=[Whose grammar\: bash, sh, zsh]:DIALECT:_default' \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'--json[One JSON object, as in a batch]' \
'--exit-code[End with 0 autonomous, 10 supervised, 20 prohibited]' \
'-h[Print help]' \
'--help[Print help]' \
'*::line -- The line; several words are joined by a space:_default' \
&& ret=0
;;
(explain)
_arguments "${_arguments_options[@]}" : \
'--dialect=[Whose grammar\: bash, sh, zsh]:DIALECT:_default' \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'--json[One JSON object]' \
'-h[Print help]' \
'--help[Print help]' \
'*::line -- The line; several words are joined by a space. The id of a record judges its line again; paths behind it\: what its walls say of them:_default' \
&& ret=0
;;
(policy)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help]' \
'--help[Print help]' \
":: :_vetsh__subcmd__policy_commands" \
"*::: :->policy" \
&& ret=0

    case $state in
    (policy)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:vetsh-policy-command-$line[1]:"
        case $line[1] in
            (check)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'--json[One JSON object]' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
'()--profile=[The walls of this profile as they would be raised here\: what may be read and written, and what is not held]:NAME:_default' \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'--json[One JSON object]' \
'-h[Print help]' \
'--help[Print help]' \
'::rule -- Only this rule:_default' \
&& ret=0
;;
(try)
_arguments "${_arguments_options[@]}" : \
'--history=[How many of the newest recorded lines are judged]:COUNT:_default' \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'--json[One JSON object]' \
'-h[Print help]' \
'--help[Print help]' \
':file -- The file to try:_files' \
&& ret=0
;;
(diff)
_arguments "${_arguments_options[@]}" : \
'--history=[How many of the newest recorded lines are judged by both]:COUNT:_default' \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'--json[One JSON object]' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(edit)
_arguments "${_arguments_options[@]}" : \
'--history=[How many of the newest recorded lines are judged to show what changes]:COUNT:_default' \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(test)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'--json[One JSON object]' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
        esac
    ;;
esac
;;
(trust)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help]' \
'--help[Print help]' \
':file -- The policy file:_files' \
&& ret=0
;;
(approvals)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'(--json)--watch[Show requests as they come, and answer them by a key. Needs a human at the terminal]' \
'--json[One JSON object]' \
'-h[Print help]' \
'--help[Print help]' \
":: :_vetsh__subcmd__approvals_commands" \
"*::: :->approvals" \
&& ret=0

    case $state in
    (approvals)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:vetsh-approvals-command-$line[1]:"
        case $line[1] in
            (export)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help]' \
'--help[Print help]' \
':id -- The request:_default' \
':folder -- Where to\: made where it is missing:_files' \
&& ret=0
;;
(import)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help]' \
'--help[Print help]' \
'*::files -- As ssh-keygen wrote them\: ID.yes.sig, ID.no.sig:_files' \
&& ret=0
;;
        esac
    ;;
esac
;;
(approve)
_arguments "${_arguments_options[@]}" : \
'--for=[For its like too, as the request says what that is\: \`session\`, or a time as in \`10m\`, \`2h\`]:TIME:_default' \
'(--for)--key=[Sign with this key, as a listed approver. A public key is signed with by your ssh-agent]:FILE:_files' \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'--json[One JSON object]' \
'-h[Print help]' \
'--help[Print help]' \
':id -- The request, as `vetsh approvals` shows it:_default' \
&& ret=0
;;
(deny)
_arguments "${_arguments_options[@]}" : \
'--reason=[What the agent is told]:TEXT:_default' \
'--key=[Sign with this key, as a listed approver]:FILE:_files' \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'--json[One JSON object]' \
'-h[Print help]' \
'--help[Print help]' \
':id -- The request, as `vetsh approvals` shows it:_default' \
&& ret=0
;;
(grants)
_arguments "${_arguments_options[@]}" : \
'--revoke=[Take this one back. Needs a human at the terminal]:ID:_default' \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'--json[One JSON object]' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(review)
_arguments "${_arguments_options[@]}" : \
'--since=[From then on, whatever was looked at\: \`7d\`, \`12h\`, \`2026-11-30\`. Else from where \`--done\` was said last]:TIME:_default' \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'(--since)--done[You have looked at what this shows\: it is shown no more. Needs a human at the terminal]' \
'--json[One JSON object]' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(session)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help]' \
'--help[Print help]' \
":: :_vetsh__subcmd__session_commands" \
"*::: :->session" \
&& ret=0

    case $state in
    (session)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:vetsh-session-command-$line[1]:"
        case $line[1] in
            (list)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'--json[One JSON object]' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
'-n+[How many records]:LINES:_default' \
'--lines=[How many records]:LINES:_default' \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help]' \
'--help[Print help]' \
':id -- Its id, or the beginning of it that only this one has:_default' \
&& ret=0
;;
(revoke)
_arguments "${_arguments_options[@]}" : \
'--reason=[Why, for the record and for the agent]:TEXT:_default' \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'()--all[Every session, those that come later too]' \
'--undo[Let it go on. Needs a human at the terminal]' \
'-h[Print help]' \
'--help[Print help]' \
'::id -- Its id, or the beginning of it that only this one has; `orphan`\: all that no client can be named for:_default' \
&& ret=0
;;
(allow)
_arguments "${_arguments_options[@]}" : \
'--for=[How long\: 10m, an hour at most]:TIME:_default' \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help]' \
'--help[Print help]' \
':id -- Its id, or the beginning of it that only this one has:_default' \
&& ret=0
;;
        esac
    ;;
esac
;;
(audit)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help]' \
'--help[Print help]' \
":: :_vetsh__subcmd__audit_commands" \
"*::: :->audit" \
&& ret=0

    case $state in
    (audit)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:vetsh-audit-command-$line[1]:"
        case $line[1] in
            (tail)
_arguments "${_arguments_options[@]}" : \
'-n+[How many]:COUNT:_default' \
'--count=[How many]:COUNT:_default' \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'--json[The records as they stand in the log, one JSON object a line]' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'--json[The record as it stands in the log]' \
'-h[Print help]' \
'--help[Print help]' \
':id -- The record, as a refusal names it:_default' \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'--json[One JSON object]' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
        esac
    ;;
esac
;;
(doctor)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'--json[One JSON object]' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(run)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help]' \
'--help[Print help]' \
'*::client -- The client and its words:_default' \
&& ret=0
;;
(setup)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'--yes[Do not ask]' \
'--undo[Put back what was there before. Needs a human at the terminal]' \
'--json[One JSON object\: what would change; nothing does]' \
'-h[Print help]' \
'--help[Print help]' \
':client -- The client, by its name or its program'\''s; `shims` makes the links:_default' \
'*::names -- Names of programs to link, with `shims`\: bash, sh and zsh where none is given:_default' \
&& ret=0
;;
(writer)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(generate)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help]' \
'--help[Print help]' \
":: :_vetsh__subcmd__generate_commands" \
"*::: :->generate" \
&& ret=0

    case $state in
    (generate)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:vetsh-generate-command-$line[1]:"
        case $line[1] in
            (man)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(completions)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':shell -- Whose:((bash\:"bash"
elvish\:"elvish"
fish\:"fish"
powershell\:"PowerShell"
zsh\:"zsh"))' \
&& ret=0
;;
(schema)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(rules)
_arguments "${_arguments_options[@]}" : \
'--root=[Use DIR/config and DIR/state instead of your home'\''s]:DIR:_files' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
}

(( $+functions[_vetsh_commands] )) ||
_vetsh_commands() {
    local commands; commands=(
'check:What would be said of a line, without running it' \
'explain:Why\: the line in parts, what fired, what decides, and the one change of policy that would alter it' \
'policy:Look at the policy in force' \
'trust:Let a policy file'\''s loosening parts count, as they are now. Needs a human at the terminal' \
'approvals:The requests that wait for a human' \
'approve:Say yes to a request, once. Needs a human at the terminal' \
'deny:Say no to a request. Needs a human at the terminal' \
'grants:What was approved for more than once\: what it covers, for how long, how often it was used' \
'review:What clients did unasked for the first time, for a look afterwards' \
'session:The runs of clients\: what each did, stop one at once, or let one go on unasked for a while' \
'audit:Look at the record' \
'doctor:Is everything in place? What is not, and what to do' \
'run:Start a client so that its shell is vetsh, for this run only' \
'setup:Make vetsh a client'\''s shell by its own configuration\: shows the change, makes it, undoes it' \
'writer:Keep the log of agents that have users of their own\: the service vetsh-writer' \
'generate:Write the manual page, completions or the reference of rules' \
    )
    _describe -t commands 'vetsh commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__approvals_commands] )) ||
_vetsh__subcmd__approvals_commands() {
    local commands; commands=(
'export:Write what is to be signed for a request into DIR, for approvers whose keys are elsewhere' \
'import:Take signatures that were made elsewhere. Needs a human at the terminal' \
    )
    _describe -t commands 'vetsh approvals commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__approvals__subcmd__export_commands] )) ||
_vetsh__subcmd__approvals__subcmd__export_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh approvals export commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__approvals__subcmd__import_commands] )) ||
_vetsh__subcmd__approvals__subcmd__import_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh approvals import commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__approve_commands] )) ||
_vetsh__subcmd__approve_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh approve commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__audit_commands] )) ||
_vetsh__subcmd__audit_commands() {
    local commands; commands=(
'tail:The newest records' \
'show:One record, by its id or a part of it that only this one has' \
'verify:Does the chain hold, from the first record to the last?' \
    )
    _describe -t commands 'vetsh audit commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__audit__subcmd__show_commands] )) ||
_vetsh__subcmd__audit__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh audit show commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__audit__subcmd__tail_commands] )) ||
_vetsh__subcmd__audit__subcmd__tail_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh audit tail commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__audit__subcmd__verify_commands] )) ||
_vetsh__subcmd__audit__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh audit verify commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__check_commands] )) ||
_vetsh__subcmd__check_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh check commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__deny_commands] )) ||
_vetsh__subcmd__deny_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh deny commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__doctor_commands] )) ||
_vetsh__subcmd__doctor_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh doctor commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__explain_commands] )) ||
_vetsh__subcmd__explain_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh explain commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__generate_commands] )) ||
_vetsh__subcmd__generate_commands() {
    local commands; commands=(
'man:The manual page' \
'completions:Completions for a shell' \
'schema:The policy file'\''s format as JSON Schema, for editors' \
'rules:The reference of built-in rules and tools, in Markdown' \
    )
    _describe -t commands 'vetsh generate commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__generate__subcmd__completions_commands] )) ||
_vetsh__subcmd__generate__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh generate completions commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__generate__subcmd__man_commands] )) ||
_vetsh__subcmd__generate__subcmd__man_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh generate man commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__generate__subcmd__rules_commands] )) ||
_vetsh__subcmd__generate__subcmd__rules_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh generate rules commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__generate__subcmd__schema_commands] )) ||
_vetsh__subcmd__generate__subcmd__schema_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh generate schema commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__grants_commands] )) ||
_vetsh__subcmd__grants_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh grants commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__policy_commands] )) ||
_vetsh__subcmd__policy_commands() {
    local commands; commands=(
'check:Does it load? Every problem with file, line, column and remedy' \
'show:The rules, lists and settings in force' \
'try:What would change on recent lines if your policy file were FILE' \
'diff:What your policy file says beside what a human last trusted of it' \
'edit:Your editor on a copy of your policy file; it takes its place only if it loads and you trust it. Needs a human at the terminal' \
'test:Runs every example of every rule and tool through the whole judge' \
    )
    _describe -t commands 'vetsh policy commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__policy__subcmd__check_commands] )) ||
_vetsh__subcmd__policy__subcmd__check_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh policy check commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__policy__subcmd__diff_commands] )) ||
_vetsh__subcmd__policy__subcmd__diff_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh policy diff commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__policy__subcmd__edit_commands] )) ||
_vetsh__subcmd__policy__subcmd__edit_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh policy edit commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__policy__subcmd__show_commands] )) ||
_vetsh__subcmd__policy__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh policy show commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__policy__subcmd__test_commands] )) ||
_vetsh__subcmd__policy__subcmd__test_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh policy test commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__policy__subcmd__try_commands] )) ||
_vetsh__subcmd__policy__subcmd__try_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh policy try commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__review_commands] )) ||
_vetsh__subcmd__review_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh review commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__run_commands] )) ||
_vetsh__subcmd__run_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh run commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__session_commands] )) ||
_vetsh__subcmd__session_commands() {
    local commands; commands=(
'list:The sessions of today and yesterday\: who, since when, how much ran and was refused, what holds for them' \
'show:One session\: what it did last' \
'revoke:Stop a session at once\: nothing of it runs any more, and what it left running is ended' \
'allow:Let a session do for a while, unasked, what one plain yes would let it do. Needs a human at the terminal' \
    )
    _describe -t commands 'vetsh session commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__session__subcmd__allow_commands] )) ||
_vetsh__subcmd__session__subcmd__allow_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh session allow commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__session__subcmd__list_commands] )) ||
_vetsh__subcmd__session__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh session list commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__session__subcmd__revoke_commands] )) ||
_vetsh__subcmd__session__subcmd__revoke_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh session revoke commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__session__subcmd__show_commands] )) ||
_vetsh__subcmd__session__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh session show commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__setup_commands] )) ||
_vetsh__subcmd__setup_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh setup commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__trust_commands] )) ||
_vetsh__subcmd__trust_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh trust commands' commands "$@"
}
(( $+functions[_vetsh__subcmd__writer_commands] )) ||
_vetsh__subcmd__writer_commands() {
    local commands; commands=()
    _describe -t commands 'vetsh writer commands' commands "$@"
}

if [ "$funcstack[1]" = "_vetsh" ]; then
    _vetsh "$@"
else
    compdef _vetsh vetsh
fi
