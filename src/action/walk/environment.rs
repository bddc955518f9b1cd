//! Names of the environment that make a shell or loader run something. What single programs obey stands in their packs.

/// What setting a name does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Data, as far as the shell and the loader go.
    Plain,
    /// A command that some program will run.
    Command,
    /// Text the shell itself expands or runs.
    Prompt,
    /// A file the next shell reads.
    Script,
    /// Code or options that load code.
    Loads,
    /// The shell's own table of what a name runs.
    Table,
    /// What the shell keeps of its commands.
    History,
}

/// What `name` means when it is set in a line.
pub(super) fn meaning(name: &[u8]) -> Meaning {
    match name {
        b"PROMPT_COMMAND" | b"PS0" | b"PS1" | b"PS2" | b"PS4" => Meaning::Prompt,
        b"BASH_ENV" | b"ENV" => Meaning::Script,
        b"BASH_CMDS" | b"BASH_ALIASES" => Meaning::Table,
        b"HISTFILE" | b"HISTSIZE" | b"HISTFILESIZE" | b"HISTCONTROL" | b"HISTIGNORE" | b"SAVEHIST" => Meaning::History,
        b"GIT_SSH_COMMAND"
        | b"GIT_SSH"
        | b"GIT_PAGER"
        | b"GIT_EDITOR"
        | b"GIT_SEQUENCE_EDITOR"
        | b"GIT_ASKPASS"
        | b"GIT_EXTERNAL_DIFF"
        | b"GIT_PROXY_COMMAND"
        | b"SSH_ASKPASS"
        | b"SUDO_ASKPASS"
        | b"PAGER"
        | b"MANPAGER"
        | b"EDITOR"
        | b"VISUAL"
        | b"FCEDIT"
        | b"SUDO_EDITOR"
        | b"BROWSER"
        | b"LESSOPEN"
        | b"LESSCLOSE"
        | b"GH_PAGER"
        | b"GH_EDITOR"
        | b"SYSTEMD_PAGER"
        | b"AWS_PAGER"
        | b"BAT_PAGER"
        | b"DELTA_PAGER"
        | b"RUSTC_WRAPPER"
        | b"CARGO_BUILD_RUSTC_WRAPPER"
        | b"RUSTC_WORKSPACE_WRAPPER"
        | b"PSQL_PAGER" => Meaning::Command,
        b"SHELLOPTS"
        | b"BASHOPTS"
        | b"BASH_LOADABLES_PATH"
        | b"GCONV_PATH"
        | b"PERL5OPT"
        | b"PERL5DB"
        | b"RUBYOPT"
        | b"JAVA_TOOL_OPTIONS"
        | b"_JAVA_OPTIONS"
        | b"JDK_JAVA_OPTIONS"
        | b"NODE_OPTIONS"
        | b"PYTHONSTARTUP"
        | b"PYTHONHOME"
        | b"PYTHONINSPECT"
        | b"GIT_EXEC_PATH"
        | b"GIT_CONFIG_PARAMETERS"
        | b"GIT_TEMPLATE_DIR"
        | b"GIT_ALTERNATE_OBJECT_DIRECTORIES"
        | b"NODE_REPL_EXTERNAL_MODULE"
        | b"LESSKEYIN"
        | b"OPENSSL_CONF"
        | b"OPENSSL_ENGINES"
        | b"RUSTC"
        | b"XDG_CONFIG_HOME" => Meaning::Loads,
        name if name.starts_with(b"CARGO_TARGET_") && (name.ends_with(b"_RUNNER") || name.ends_with(b"_LINKER")) => {
            Meaning::Command
        }
        name if name.starts_with(b"LD_") || name.starts_with(b"DYLD_") || name.starts_with(b"BASH_FUNC_") => {
            Meaning::Loads
        }
        _ => Meaning::Plain,
    }
}
