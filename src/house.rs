//! What one run holds, opened once: the directories, the policy, the log, who we are. Fails closed: what is not there is
//! made, what is not ours is refused, with the remedy.

pub mod policies;

pub use policies::{InForce, Policies};

use std::ffi::OsStr;
use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, openat};
use nix::libc;
use nix::sys::stat::{FileStat, Mode, fstat, fstatat};

use crate::audit::writer;
use crate::exec::live::{Live, Walled};
use crate::exit::Failure;
use crate::session::table::Born;
use crate::session::{Session, Table, human, machine, workspace};
use crate::sys::process::{self, Birth};
use crate::sys::start::{self, Entry};
use crate::sys::{file, owner, privilege, user};

/// What one run holds.
#[derive(Debug)]
pub struct House {
    /// Home of our user, from the user database or what the installer left.
    pub home: Option<Vec<u8>>,
    /// `policy.toml` and `packs/`.
    pub config: PathBuf,
    /// `audit/ live/ spool/ guard/`.
    pub state: PathBuf,
    /// The directory given with `--root`.
    pub root: Option<PathBuf>,
    /// Another root than home's: home's own state, where there is one. Its policy holds as well, and what happens here is
    /// recorded there too.
    pub real_state: Option<PathBuf>,
    /// The machine's writer keeps our records, those of another root's runs beside that root's own: root says what we may do, and
    /// our own files only tighten it.
    pub writer: bool,
    /// The live orders.
    pub live: Live,
    /// Our ancestry.
    pub table: Table,
    /// Who called.
    pub session: Session,
    /// The environment as it was handed to us.
    pub given: Vec<Entry>,
    /// The call's directory, physical.
    pub cwd: Vec<u8>,
    /// The policy in force, once it is loaded.
    pub in_force: Option<InForce>,
}

const FOLDERS: [&str; 4] = ["audit", "live", "spool", "guard"];

/// Where an installer leaves the home of users that the user database does not know.
const HOME_RECORD: &[u8] = b"/etc/vetsh/home";

/// Users whose records the machine's writer keeps, one a line, its number first. Root's own list, and root counts with them.
const AGENTS: &[u8] = b"/etc/vetsh/agents";

impl House {
    /// Opens the house of our user, or the one at `root`.
    pub fn open(root: Option<&[u8]>) -> Result<House, Failure> {
        match House::enter(root)? {
            (house, None) => Ok(house),
            (_, Some(failure)) => Err(failure),
        }
    }

    /// As [`House::open`]; with it comes why nothing may run here, where that much is known: it can be recorded then.
    pub fn enter(root: Option<&[u8]>) -> Result<(House, Option<Failure>), Failure> {
        crate::fault::at(crate::fault::Stage::House)?;
        if !user::is_plain() {
            return Err(Failure::closed(
                "house.user",
                "a set-user-id run",
                "the real and the effective user differ",
                "run vetsh as one user",
            ));
        }
        let home = user::home().or_else(recorded_home);
        let own = home.as_deref().map(of_home);
        let (config, state, real_state) = match (root, own) {
            (Some(root), own) => {
                let root = machine::physical(root).ok_or_else(|| {
                    Failure::closed(
                        "house.root",
                        shown(root),
                        "this is no directory",
                        "make it first, for yourself alone",
                    )
                })?;
                check(Path::new(OsStr::from_bytes(&root)))?;
                let root = PathBuf::from(OsStr::from_bytes(&root));
                let real = own.map(|(_, state)| state).filter(|state| state.is_dir() && *state != root.join("state"));
                (root.join("config"), root.join("state"), real)
            }
            (None, Some((config, state))) => (config, state, None),
            (None, None) => {
                return Err(Failure::closed(
                    "house.home",
                    format!("user {} has no home", user::own()),
                    "there is no place for the record",
                    "let the installer write /etc/vetsh/home, or call vetsh --root DIR",
                ));
            }
        };
        if !are_fit(&state) {
            make(&state)?;
            for folder in FOLDERS {
                make(&state.join(folder))?;
            }
        }
        let unfit = config.symlink_metadata().ok().and_then(|seen| fit(&config, Ok(seen)).err());
        let root = root.map(|root| PathBuf::from(OsStr::from_bytes(root)));
        let (house, doubt) = House::inhabit(home, config, state, root, real_state)?;
        Ok((house, unfit.or(doubt)))
    }

    fn inhabit(
        home: Option<Vec<u8>>,
        config: PathBuf,
        state: PathBuf,
        root: Option<PathBuf>,
        real_state: Option<PathBuf>,
    ) -> Result<(House, Option<Failure>), Failure> {
        let boot = process::boot()
            .ok_or_else(|| Failure::closed("house.boot", "/proc", "the boot id cannot be read", "mount /proc"))?;
        let live = Live::in_folder(state.join("live"), boot.clone());
        let ordered = |pid, birth: Born<'_>| live.born(pid, birth).is_some();
        // Where another state must agree that nothing above us is vetted, all of it is looked at.
        let table = if real_state.is_some() {
            Table::read(&ordered)
        } else {
            Table::up_to(&ordered, &|pid, birth| live.top(pid, birth))
        };
        let mut doubt = None;
        if let Some(real) = &real_state {
            let real = Live::in_folder(real.join("live"), boot.clone());
            if table.chain.iter().skip(1).any(|above| real.born(above.pid, &|| Birth::of(above.pid)).is_some()) {
                doubt = Some(Failure::closed(
                    "house.root",
                    "another root below a vetted shell",
                    "what a session runs is judged by that session's policy",
                    "call vetsh without --root",
                ));
            }
        }
        let given = start::environment();
        // Behind walls the client cannot be looked at; the run that raised them could.
        let walled = std::cell::LazyCell::new(|| live.walled(&table));
        let hidden = |walled: &Option<Walled>| walled.as_ref().map(|walled| walled.executable.clone());
        let login = |pid| {
            let near = [Some(pid), process::parent(pid)].into_iter().flatten();
            near.filter_map(process::name_of_roots).find(|name| human::is_login(name))
        };
        let executable = |pid| process::executable(pid).or_else(|| hidden(&walled)).or_else(|| login(pid));
        let session = Session::of(&table, Some(&boot), executable, &given);
        if !table.brief
            && real_state.is_none()
            && let Some(client) = &session.client
        {
            live.remember(client);
        }
        let cwd = std::env::current_dir().map(|cwd| cwd.into_os_string().as_bytes().to_vec()).unwrap_or_else(|_| {
            doubt.get_or_insert_with(|| {
                Failure::closed(
                    "house.cwd",
                    "the working directory",
                    "it cannot be read",
                    "change to a directory that exists",
                )
            });
            Vec::new()
        });
        let house = House {
            home,
            config,
            state,
            root,
            real_state,
            writer: is_agent(user::own()),
            live,
            table,
            session,
            given,
            cwd,
            in_force: None,
        };
        Ok((house, doubt))
    }

    /// The guard directory: everything that loosens.
    #[must_use]
    pub fn guard(&self) -> PathBuf {
        self.state.join("guard")
    }

    /// Whether records are kept in our own state.
    #[must_use]
    pub fn keeps(&self) -> bool {
        !self.writer || self.root.is_some()
    }

    /// Whether the agent has this user to itself, so that root's word alone loosens: what the user can write, the agent can. It can make
    /// itself root of a namespace as well, which is not root.
    #[must_use]
    pub fn is_ruled(&self) -> bool {
        self.writer && !owner::is_the_root()
    }

    /// Whether we are root, who decides for the users whose records the machine's writer keeps.
    #[must_use]
    pub fn is_roots(&self) -> bool {
        self.writer && !self.is_ruled() && self.root.is_none()
    }

    /// The directory of the records.
    #[must_use]
    pub fn audit(&self) -> PathBuf {
        if self.keeps() { self.state.join("audit") } else { Path::new(writer::STATE).join("audit") }
    }

    /// A variable of the environment as it was handed to us, where it is text.
    #[must_use]
    pub fn given(&self, name: &str) -> Option<String> {
        let value = |entry: &Entry| {
            let entry: &[u8] = entry.as_ref();
            let value = entry.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
            String::from_utf8(value.to_vec()).ok()
        };
        self.given.iter().find_map(value)
    }

    /// The directory of links to us.
    #[must_use]
    pub fn shims(&self) -> Option<PathBuf> {
        let home = self.home.as_deref().map(|home| Path::new(OsStr::from_bytes(home)).join(".local/share/vetsh/shims"));
        self.root.as_ref().map(|root| root.join("share/shims")).or(home)
    }

    /// The directory of the client; behind walls, as the run that raised them saw it.
    #[must_use]
    pub fn client_directory(&self) -> Option<Vec<u8>> {
        let client = self.session.client.as_ref()?;
        process::directory(client.pid).or_else(|| self.live.walled(&self.table).map(|walled| walled.directory))
    }

    /// The profiles of the walls that stand around us: as the run above us handed down, where what walls do can be seen.
    #[must_use]
    pub fn standing_walls(&self) -> Vec<String> {
        let Some(walled) = self.live.walled(&self.table) else { return Vec::new() };
        let is_closed = |client: &crate::session::Process| process::executable(client.pid).is_none();
        let seen = privilege::has_no_new() && self.session.client.as_ref().is_some_and(is_closed);
        if seen { walled.profiles } else { Vec::new() }
    }

    /// Our ancestry to the top, as whoever proves a human needs it.
    #[must_use]
    pub fn ancestry(&self) -> Table {
        Table::read(&|pid, birth| self.live.born(pid, birth).is_some())
    }

    /// The workspace's roots, where `policy` names `written` ones.
    #[must_use]
    pub fn roots(&self, written: &[Vec<u8>], places: &dyn workspace::Places) -> Vec<Vec<u8>> {
        let client = self.client_directory();
        let standing = workspace::Standing {
            client: client.as_deref().filter(|_| !self.session.is_orphan()),
            invocation: &self.cwd,
            hidden: workspace::is_hidden(&self.table, &self.session, client.as_deref()),
        };
        workspace::roots(written, standing, &self.excluded(), places)
    }
}

impl House {
    /// The workspace's roots for a line that is asked about, not run: around `cwd`. A directory that is not there counts by
    /// its name, so that a line can be asked about before its checkout exists.
    #[must_use]
    pub fn roots_around(&self, cwd: &[u8], written: &[Vec<u8>], places: &dyn workspace::Places) -> Vec<Vec<u8>> {
        let standing = workspace::Standing { client: Some(cwd), invocation: cwd, hidden: false };
        let excluded = self.excluded();
        let roots = workspace::roots(written, standing, &excluded, places);
        if roots.is_empty() && places.physical(cwd).is_none() {
            return workspace::around(cwd, &excluded, places).into_iter().collect();
        }
        roots
    }

    /// Whether a directory that the client names for temporary files may be taken for that.
    #[must_use]
    pub fn may_be_temporary(&self, place: &[u8]) -> bool {
        workspace::qualifies(place, &self.excluded())
    }

    fn excluded(&self) -> workspace::Excluded {
        let guard = [Some(&self.state), Some(&self.config), self.real_state.as_ref()];
        workspace::Excluded {
            home: self.home.as_deref().and_then(machine::physical),
            guard: guard.into_iter().flatten().map(|path| path.as_os_str().as_bytes().to_vec()).collect(),
        }
    }
}

pub(crate) fn of_home(home: &[u8]) -> (PathBuf, PathBuf) {
    let home = Path::new(OsStr::from_bytes(home));
    (home.join(".config/vetsh"), home.join(".local/state/vetsh"))
}

fn recorded_home() -> Option<Vec<u8>> {
    let (text, meta) = file::read_regular(HOME_RECORD, 4096).ok()?;
    let home = text.trim_ascii();
    (owner::is_roots(HOME_RECORD, &meta) && home.starts_with(b"/")).then(|| home.to_vec())
}

/// Whether the state directory and its folders are there and ours; what is amiss is told by [`make`]. Asked by a descriptor, so
/// that the way down is walked once.
fn are_fit(state: &Path) -> bool {
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let Ok(opened) = openat(AT_FDCWD, state, flags, Mode::empty()) else { return false };
    let folder = |name: &&str| fstatat(&opened, *name, AtFlags::AT_SYMLINK_NOFOLLOW);
    let seen = std::iter::once(fstat(&opened)).chain(FOLDERS.iter().map(folder));
    let fit = |seen: nix::Result<FileStat>| seen.is_ok_and(|seen| unfit(seen.st_mode, seen.st_uid).is_none());
    seen.into_iter().all(fit)
}

/// What speaks against relying on a directory of this mode and owner.
fn unfit(mode: u32, owner: u32) -> Option<Unfit> {
    if mode & libc::S_IFMT != libc::S_IFDIR {
        Some(Unfit::Kind)
    } else if owner != user::own() && owner != 0 {
        Some(Unfit::Owner)
    } else {
        (mode & 0o022 != 0).then_some(Unfit::Mode)
    }
}

enum Unfit {
    Kind,
    Owner,
    Mode,
}

/// Whether the machine's writer keeps the records of a user. Where that cannot be told, it does.
#[must_use]
pub fn is_agent(uid: u32) -> bool {
    match file::read_small(AGENTS, 64 * 1024) {
        Ok(list) => uid == 0 || list.split(|byte| *byte == b'\n').any(|line| is_of(line, uid)),
        Err(error) => !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
    }
}

/// Whether a line's first word is that number.
fn is_of(line: &[u8], number: u32) -> bool {
    let word = line.split(|byte| *byte == b' ').next().unwrap_or_default();
    word == number.to_string().as_bytes()
}

/// A directory that is there and ours, made where it is missing: perhaps by another of us at the same moment.
fn make(path: &Path) -> Result<(), Failure> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut builder = std::fs::DirBuilder::new();
            builder.recursive(true).mode(0o700).create(path).map_err(|error| {
                Failure::closed(
                    "house.directory",
                    path.display().to_string(),
                    error.to_string(),
                    "make its parent writable to you",
                )
            })?;
            check(path)
        }
        seen => fit(path, seen),
    }
}

/// A directory that belongs to us (or root) and that nobody else may write.
fn check(path: &Path) -> Result<(), Failure> {
    fit(path, path.symlink_metadata())
}

fn fit(path: &Path, seen: io::Result<Metadata>) -> Result<(), Failure> {
    let what = || path.display().to_string();
    let meta = seen.map_err(|error| {
        Failure::closed("house.directory", what(), error.to_string(), format!("mkdir -m 700 -p {}", what()))
    })?;
    match unfit(meta.mode(), meta.uid()) {
        None => Ok(()),
        Some(Unfit::Kind) => {
            Err(Failure::closed("house.directory", what(), "this is no directory", format!("move {} away", what())))
        }
        Some(Unfit::Owner) => Err(Failure::closed(
            "house.owner",
            what(),
            format!("it belongs to user {}", meta.uid()),
            format!("chown {} {}", user::own(), what()),
        )),
        Some(Unfit::Mode) => Err(Failure::closed(
            "house.mode",
            what(),
            "others may write it, and so change what is allowed and what was recorded",
            format!("chmod go-w {}", what()),
        )),
    }
}

fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}
