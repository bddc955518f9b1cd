//! Takes the process table; gives who called: client, session, human or agent, and the workspace that follows from it.
//! Guarantees: who we are is read from the kernel, never from the environment; what the environment says only labels; a
//! broken ancestry is session `orphan`. Does not: decide.

pub mod git_ignore;
pub mod git_index;
pub mod human;
pub mod label;
pub mod machine;
pub mod measure;
pub mod table;
pub mod workspace;

pub use label::Label;
pub use machine::Machine;
pub use table::{Process, Table};

use sha2::{Digest, Sha256};

use crate::sys::start::Entry;
use crate::text::hexadecimal;

/// One client's run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// 32 hexadecimal digits, or `orphan`.
    pub id: String,
    /// The client: the process above the outermost vetsh in our ancestry.
    pub client: Option<Process>,
    /// The client's executable; the bare name of what let a human in.
    pub executable: Option<Vec<u8>>,
    /// What the environment says of the agent: a label, never a key.
    pub label: Label,
}

/// The session of those for whom no client can be named.
pub const ORPHAN: &str = "orphan";

impl Session {
    /// The session of `table`, with the labels of `environment`.
    #[must_use]
    pub fn of(
        table: &Table,
        boot: Option<&[u8]>,
        executable: impl FnOnce(u32) -> Option<Vec<u8>>,
        environment: &[Entry],
    ) -> Session {
        let label = Label::of(environment);
        let client = table.client().cloned();
        let executable = client.as_ref().and_then(|client| executable(client.pid));
        let id = match (&client, boot, &executable) {
            (Some(client), Some(boot), Some(executable)) if !table::is_init(executable) => {
                name(boot, client, executable)
            }
            _ => ORPHAN.to_owned(),
        };
        Session { id, client, executable, label }
    }

    /// Whether the client is what let a human in, over the network or at the console. It is root's, so that nothing more is seen of it.
    #[must_use]
    pub fn is_login(&self) -> bool {
        self.executable.as_ref().is_some_and(|name| !name.starts_with(b"/"))
    }

    /// Whether no client can be named: no grants, no tickets, no prompt on a terminal.
    #[must_use]
    pub fn is_orphan(&self) -> bool {
        self.id == ORPHAN
    }
}

fn name(boot: &[u8], client: &Process, executable: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(boot);
    hash.update([0]);
    hash.update(client.pid.to_le_bytes());
    hash.update(client.started.to_le_bytes());
    hash.update(executable);
    hexadecimal(hash.finalize().get(..16).unwrap_or_default())
}
