# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_vetsh_global_optspecs
    string join \n root= h/help V/version
end

function __fish_vetsh_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_vetsh_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_vetsh_using_subcommand
    set -l cmd (__fish_vetsh_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c vetsh -n "__fish_vetsh_needs_command" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_needs_command" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_needs_command" -s V -l version -d 'Print version'
complete -c vetsh -n "__fish_vetsh_needs_command" -f -a "check" -d 'What would be said of a line, without running it'
complete -c vetsh -n "__fish_vetsh_needs_command" -f -a "explain" -d 'Why: the line in parts, what fired, what decides, and the one change of policy that would alter it'
complete -c vetsh -n "__fish_vetsh_needs_command" -f -a "policy" -d 'Look at the policy in force'
complete -c vetsh -n "__fish_vetsh_needs_command" -f -a "trust" -d 'Let a policy file\'s loosening parts count, as they are now. Needs a human at the terminal'
complete -c vetsh -n "__fish_vetsh_needs_command" -f -a "approvals" -d 'The requests that wait for a human'
complete -c vetsh -n "__fish_vetsh_needs_command" -f -a "approve" -d 'Say yes to a request, once. Needs a human at the terminal'
complete -c vetsh -n "__fish_vetsh_needs_command" -f -a "deny" -d 'Say no to a request. Needs a human at the terminal'
complete -c vetsh -n "__fish_vetsh_needs_command" -f -a "grants" -d 'What was approved for more than once: what it covers, for how long, how often it was used'
complete -c vetsh -n "__fish_vetsh_needs_command" -f -a "review" -d 'What clients did unasked for the first time, for a look afterwards'
complete -c vetsh -n "__fish_vetsh_needs_command" -f -a "session" -d 'The runs of clients: what each did, stop one at once, or let one go on unasked for a while'
complete -c vetsh -n "__fish_vetsh_needs_command" -f -a "audit" -d 'Look at the record'
complete -c vetsh -n "__fish_vetsh_needs_command" -f -a "doctor" -d 'Is everything in place? What is not, and what to do'
complete -c vetsh -n "__fish_vetsh_needs_command" -f -a "run" -d 'Start a client so that its shell is vetsh, for this run only'
complete -c vetsh -n "__fish_vetsh_needs_command" -f -a "setup" -d 'Make vetsh a client\'s shell by its own configuration: shows the change, makes it, undoes it'
complete -c vetsh -n "__fish_vetsh_needs_command" -f -a "writer" -d 'Keep the log of agents that have users of their own: the service vetsh-writer'
complete -c vetsh -n "__fish_vetsh_needs_command" -f -a "generate" -d 'Write the manual page, completions or the reference of rules'
complete -c vetsh -n "__fish_vetsh_using_subcommand check" -l batch -d 'Read one JSON object a line from FILE (`-`: standard input), write one for each' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand check" -l dialect -d 'Whose grammar: bash, sh, zsh' -r
complete -c vetsh -n "__fish_vetsh_using_subcommand check" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand check" -l json -d 'One JSON object, as in a batch'
complete -c vetsh -n "__fish_vetsh_using_subcommand check" -l exit-code -d 'End with 0 autonomous, 10 supervised, 20 prohibited'
complete -c vetsh -n "__fish_vetsh_using_subcommand check" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand explain" -l dialect -d 'Whose grammar: bash, sh, zsh' -r
complete -c vetsh -n "__fish_vetsh_using_subcommand explain" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand explain" -l json -d 'One JSON object'
complete -c vetsh -n "__fish_vetsh_using_subcommand explain" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and not __fish_seen_subcommand_from check show try diff edit test" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and not __fish_seen_subcommand_from check show try diff edit test" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and not __fish_seen_subcommand_from check show try diff edit test" -f -a "check" -d 'Does it load? Every problem with file, line, column and remedy'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and not __fish_seen_subcommand_from check show try diff edit test" -f -a "show" -d 'The rules, lists and settings in force'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and not __fish_seen_subcommand_from check show try diff edit test" -f -a "try" -d 'What would change on recent lines if your policy file were FILE'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and not __fish_seen_subcommand_from check show try diff edit test" -f -a "diff" -d 'What your policy file says beside what a human last trusted of it'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and not __fish_seen_subcommand_from check show try diff edit test" -f -a "edit" -d 'Your editor on a copy of your policy file; it takes its place only if it loads and you trust it. Needs a human at the terminal'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and not __fish_seen_subcommand_from check show try diff edit test" -f -a "test" -d 'Runs every example of every rule and tool through the whole judge'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from check" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from check" -l json -d 'One JSON object'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from show" -l profile -d 'The walls of this profile as they would be raised here: what may be read and written, and what is not held' -r
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from show" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from show" -l json -d 'One JSON object'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from try" -l history -d 'How many of the newest recorded lines are judged' -r
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from try" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from try" -l json -d 'One JSON object'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from try" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from diff" -l history -d 'How many of the newest recorded lines are judged by both' -r
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from diff" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from diff" -l json -d 'One JSON object'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from edit" -l history -d 'How many of the newest recorded lines are judged to show what changes' -r
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from edit" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from test" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from test" -l json -d 'One JSON object'
complete -c vetsh -n "__fish_vetsh_using_subcommand policy; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand trust" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand trust" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand approvals; and not __fish_seen_subcommand_from export import" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand approvals; and not __fish_seen_subcommand_from export import" -l watch -d 'Show requests as they come, and answer them by a key. Needs a human at the terminal'
complete -c vetsh -n "__fish_vetsh_using_subcommand approvals; and not __fish_seen_subcommand_from export import" -l json -d 'One JSON object'
complete -c vetsh -n "__fish_vetsh_using_subcommand approvals; and not __fish_seen_subcommand_from export import" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand approvals; and not __fish_seen_subcommand_from export import" -f -a "export" -d 'Write what is to be signed for a request into DIR, for approvers whose keys are elsewhere'
complete -c vetsh -n "__fish_vetsh_using_subcommand approvals; and not __fish_seen_subcommand_from export import" -f -a "import" -d 'Take signatures that were made elsewhere. Needs a human at the terminal'
complete -c vetsh -n "__fish_vetsh_using_subcommand approvals; and __fish_seen_subcommand_from export" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand approvals; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand approvals; and __fish_seen_subcommand_from import" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand approvals; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand approve" -l for -d 'For its like too, as the request says what that is: `session`, or a time as in `10m`, `2h`' -r
complete -c vetsh -n "__fish_vetsh_using_subcommand approve" -l key -d 'Sign with this key, as a listed approver. A public key is signed with by your ssh-agent' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand approve" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand approve" -l json -d 'One JSON object'
complete -c vetsh -n "__fish_vetsh_using_subcommand approve" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand deny" -l reason -d 'What the agent is told' -r
complete -c vetsh -n "__fish_vetsh_using_subcommand deny" -l key -d 'Sign with this key, as a listed approver' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand deny" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand deny" -l json -d 'One JSON object'
complete -c vetsh -n "__fish_vetsh_using_subcommand deny" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand grants" -l revoke -d 'Take this one back. Needs a human at the terminal' -r
complete -c vetsh -n "__fish_vetsh_using_subcommand grants" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand grants" -l json -d 'One JSON object'
complete -c vetsh -n "__fish_vetsh_using_subcommand grants" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand review" -l since -d 'From then on, whatever was looked at: `7d`, `12h`, `2026-11-30`. Else from where `--done` was said last' -r
complete -c vetsh -n "__fish_vetsh_using_subcommand review" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand review" -l done -d 'You have looked at what this shows: it is shown no more. Needs a human at the terminal'
complete -c vetsh -n "__fish_vetsh_using_subcommand review" -l json -d 'One JSON object'
complete -c vetsh -n "__fish_vetsh_using_subcommand review" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and not __fish_seen_subcommand_from list show revoke allow" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and not __fish_seen_subcommand_from list show revoke allow" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and not __fish_seen_subcommand_from list show revoke allow" -f -a "list" -d 'The sessions of today and yesterday: who, since when, how much ran and was refused, what holds for them'
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and not __fish_seen_subcommand_from list show revoke allow" -f -a "show" -d 'One session: what it did last'
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and not __fish_seen_subcommand_from list show revoke allow" -f -a "revoke" -d 'Stop a session at once: nothing of it runs any more, and what it left running is ended'
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and not __fish_seen_subcommand_from list show revoke allow" -f -a "allow" -d 'Let a session do for a while, unasked, what one plain yes would let it do. Needs a human at the terminal'
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and __fish_seen_subcommand_from list" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and __fish_seen_subcommand_from list" -l json -d 'One JSON object'
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and __fish_seen_subcommand_from show" -s n -l lines -d 'How many records' -r
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and __fish_seen_subcommand_from show" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and __fish_seen_subcommand_from revoke" -l reason -d 'Why, for the record and for the agent' -r
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and __fish_seen_subcommand_from revoke" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and __fish_seen_subcommand_from revoke" -l all -d 'Every session, those that come later too'
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and __fish_seen_subcommand_from revoke" -l undo -d 'Let it go on. Needs a human at the terminal'
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and __fish_seen_subcommand_from allow" -l for -d 'How long: 10m, an hour at most' -r
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and __fish_seen_subcommand_from allow" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand session; and __fish_seen_subcommand_from allow" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand audit; and not __fish_seen_subcommand_from tail show verify" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand audit; and not __fish_seen_subcommand_from tail show verify" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand audit; and not __fish_seen_subcommand_from tail show verify" -f -a "tail" -d 'The newest records'
complete -c vetsh -n "__fish_vetsh_using_subcommand audit; and not __fish_seen_subcommand_from tail show verify" -f -a "show" -d 'One record, by its id or a part of it that only this one has'
complete -c vetsh -n "__fish_vetsh_using_subcommand audit; and not __fish_seen_subcommand_from tail show verify" -f -a "verify" -d 'Does the chain hold, from the first record to the last?'
complete -c vetsh -n "__fish_vetsh_using_subcommand audit; and __fish_seen_subcommand_from tail" -s n -l count -d 'How many' -r
complete -c vetsh -n "__fish_vetsh_using_subcommand audit; and __fish_seen_subcommand_from tail" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand audit; and __fish_seen_subcommand_from tail" -l json -d 'The records as they stand in the log, one JSON object a line'
complete -c vetsh -n "__fish_vetsh_using_subcommand audit; and __fish_seen_subcommand_from tail" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand audit; and __fish_seen_subcommand_from show" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand audit; and __fish_seen_subcommand_from show" -l json -d 'The record as it stands in the log'
complete -c vetsh -n "__fish_vetsh_using_subcommand audit; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand audit; and __fish_seen_subcommand_from verify" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand audit; and __fish_seen_subcommand_from verify" -l json -d 'One JSON object'
complete -c vetsh -n "__fish_vetsh_using_subcommand audit; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand doctor" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand doctor" -l json -d 'One JSON object'
complete -c vetsh -n "__fish_vetsh_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand run" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand run" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand setup" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand setup" -l yes -d 'Do not ask'
complete -c vetsh -n "__fish_vetsh_using_subcommand setup" -l undo -d 'Put back what was there before. Needs a human at the terminal'
complete -c vetsh -n "__fish_vetsh_using_subcommand setup" -l json -d 'One JSON object: what would change; nothing does'
complete -c vetsh -n "__fish_vetsh_using_subcommand setup" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand writer" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand writer" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand generate; and not __fish_seen_subcommand_from man completions schema rules" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand generate; and not __fish_seen_subcommand_from man completions schema rules" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand generate; and not __fish_seen_subcommand_from man completions schema rules" -f -a "man" -d 'The manual page'
complete -c vetsh -n "__fish_vetsh_using_subcommand generate; and not __fish_seen_subcommand_from man completions schema rules" -f -a "completions" -d 'Completions for a shell'
complete -c vetsh -n "__fish_vetsh_using_subcommand generate; and not __fish_seen_subcommand_from man completions schema rules" -f -a "schema" -d 'The policy file\'s format as JSON Schema, for editors'
complete -c vetsh -n "__fish_vetsh_using_subcommand generate; and not __fish_seen_subcommand_from man completions schema rules" -f -a "rules" -d 'The reference of built-in rules and tools, in Markdown'
complete -c vetsh -n "__fish_vetsh_using_subcommand generate; and __fish_seen_subcommand_from man" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand generate; and __fish_seen_subcommand_from man" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand generate; and __fish_seen_subcommand_from completions" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand generate; and __fish_seen_subcommand_from completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vetsh -n "__fish_vetsh_using_subcommand generate; and __fish_seen_subcommand_from schema" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand generate; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help'
complete -c vetsh -n "__fish_vetsh_using_subcommand generate; and __fish_seen_subcommand_from rules" -l root -d 'Use DIR/config and DIR/state instead of your home\'s' -r -F
complete -c vetsh -n "__fish_vetsh_using_subcommand generate; and __fish_seen_subcommand_from rules" -s h -l help -d 'Print help'
