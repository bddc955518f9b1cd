//! Files of the line: who wrote them, which are copies of or links to others, and where a path leads through such links.

use std::rc::Rc;

use super::held::Made;
use super::shared::Shared;
use super::state::State;
use super::stream::Stream;
use super::walker::{Status, Walker};
use crate::action::{Bound, Channel, Effect, EffectKind, FileKind, Object, Part, Parts, Text, Value, path};

/// The files of the line by their paths.
type Files = Shared<Made>;

/// Links followed at most on the way of one path.
const LINKS: usize = 40;

impl Walker<'_> {
    /// Remembers what a program wrote, and that `cp`, `ln`, `mv` make a file under another name.
    pub(super) fn remember_written(
        &mut self,
        name: &[u8],
        writes: &[(Vec<u8>, EffectKind)],
        id: u32,
        out: &Stream,
        state: &mut State,
    ) {
        let appends = self.action(id).is_some_and(|action| action.options.iter().any(|(name, _)| name == "--append"));
        for (path, _) in writes {
            let kept = appends && (state.made(path).is_some() || self.world.kind(path) != FileKind::Missing);
            let tee = (name == b"tee" && !kept).then(|| out.clone());
            if let Some(out) = tee.as_ref().filter(|_| !self.readers.is_empty()) {
                self.hand_over(path, out);
            }
            let (text, bound) = tee.map_or((None, None), |out| (out.text, Some(out.bound)));
            state.make(path, Made { by: vec![id], text, bound, ..Made::default() });
        }
    }

    /// Remembers that `cp`, `ln` and `mv` make a file, or a link to one, under another name.
    pub(super) fn remember_names(&mut self, name: &[u8], id: u32, before: &Files, state: &mut State) {
        if matches!(name, b"mkfifo" | b"mknod") {
            let paths = self.listed(id).map(|action| action.operands.as_slice()).unwrap_or_default();
            let paths = paths.iter().map(|path| path::absolute(&state.cwd, path));
            let paths: Vec<Vec<u8>> = paths.filter_map(|path| path.text().map(<[u8]>::to_vec)).collect();
            self.fifos.extend(paths);
            return;
        }
        if name == b"mkdir" {
            if self.surely_there(id, before, state) {
                self.status = Status::Yes;
            }
            return;
        }
        if let Some(()) = self.remember_unpacked(name, id, before, state) {
            return;
        }
        if !matches!(name, b"cp" | b"ln" | b"mv" | b"install" | b"link") {
            return;
        }
        let Some(action) = self.action(id) else { return };
        let given = |names: &[&str]| action.options.iter().any(|(name, _)| names.contains(&name.as_str()));
        let symbolic = given(&["--symbolic", "--symbolic-link"]) && name != b"install";
        let linked = matches!(name, b"ln" | b"link") || name == b"cp" && (symbolic || given(&["--link"]));
        let kept = given(&["--no-dereference", "-d", "--archive"]);
        let plain = given(&["--no-target-directory"]);
        let into = action
            .options
            .iter()
            .rev()
            .find(|(name, _)| name == "--target-directory")
            .and_then(|(_, value)| value.clone());
        let operands = action.operands.clone();
        let (target, sources, inside) = match (into, operands.split_last()) {
            (Some(directory), _) => (directory, operands.as_slice(), true),
            (None, Some((only, []))) if name == b"ln" => (Value::known("."), std::slice::from_ref(only), true),
            (None, Some((target, sources))) => (target.clone(), sources, false),
            (None, None) => return,
        };
        let target = path::absolute(&state.cwd, &target);
        let Some(target) = target.text() else {
            if linked {
                self.remember_vague(&target, sources, symbolic, state);
            }
            return;
        };
        let directory = inside
            || !plain
                && (sources.len() > 1
                    || self.world.kind(target) == FileKind::Directory && before.get(target).is_none());
        for source in sources {
            let to = |source: &[u8]| {
                if directory { path::absolute_bytes(target, path::base(source)) } else { target.to_vec() }
            };
            let Some(text) = source.text() else { continue };
            let to = to(text);
            // What a symbolic link says is read from where the link lies.
            let from = match (symbolic, state.cwd.text()) {
                (true, _) => path::absolute_bytes(path::parent(&to), text),
                (false, Some(cwd)) => path::absolute_bytes(cwd, text),
                (false, None) if text.starts_with(b"/") => path::absolute_bytes(b"/", text),
                (false, None) => continue,
            };
            if to == from {
                continue;
            }
            let made = before.get(&from).cloned().unwrap_or_default();
            let mut by = made.by;
            by.push(id);
            let copied = linked && !made.link;
            let twin = Some(made.twin.filter(|_| !copied).unwrap_or(from));
            let link = linked || made.link && (name == b"mv" || kept);
            state.make(
                &to,
                Made { by, text: made.text, bound: made.bound, twin, link, open: made.open, ways: made.ways },
            );
        }
    }

    /// Whether `mkdir -p` certainly leaves directories: below one that is there, where nothing else is in the way.
    fn surely_there(&self, id: u32, before: &Files, state: &State) -> bool {
        let Some(action) = self.listed(id) else { return false };
        let parents = action.options.iter().any(|(name, _)| name == "--parents");
        let there = |operand: &Value| {
            let directory = path::absolute(&state.cwd, operand);
            let Some(mut at) = directory.text() else { return false };
            let inside = self.world.roots().iter().any(|root| path::within(at, root));
            while at.len() > 1 && self.world.kind(at) == FileKind::Missing && before.get(at).is_none() {
                at = path::parent(at);
            }
            inside && self.world.kind(at) == FileKind::Directory
        };
        parents && action.gaps.is_empty() && !action.operands.is_empty() && action.operands.iter().all(there)
    }

    /// Remembers links whose own name is not all known: it may be the link, or the directory it is made in.
    fn remember_vague(&self, target: &Value, sources: &[Value], symbolic: bool, state: &mut State) {
        for source in sources {
            let Some(text) = source.text() else { continue };
            let inside = Value { span: target.span, ..target.clone() }.with(b"/").with(path::base(text));
            for name in [target.clone(), path::normal(&inside)] {
                let leads = match (text.starts_with(b"/"), symbolic, state.cwd.text()) {
                    (true, ..) => path::absolute_bytes(b"/", text),
                    // What it says is read from where it lies, which is not known.
                    (false, true, _) => continue,
                    (false, false, Some(cwd)) => path::absolute_bytes(cwd, text),
                    (false, false, None) => continue,
                };
                Rc::make_mut(&mut state.links).push((name, leads));
            }
        }
    }

    /// Where a path leads by links that are known in part.
    fn led_vaguely(path: &Value, state: &State) -> Vec<Value> {
        let mut out = Vec::new();
        for (name, leads) in state.links.iter() {
            if let Some(rest) = below(path, name) {
                let mut led = Value { parts: Parts::new(), ..path.clone() }.with(leads);
                rest.iter().for_each(|part| match part {
                    Part::Known(text) => led.push_known(text),
                    part => led.parts.push(part.clone()),
                });
                out.push(path::normal(&led));
            }
        }
        out
    }

    /// Remembers what an archive is unpacked to: a directory full of its files, or the file without its ending.
    fn remember_unpacked(&mut self, name: &[u8], id: u32, before: &Files, state: &mut State) -> Option<()> {
        let action = self.listed(id)?;
        let given = |names: &[&str]| action.options.iter().any(|(name, _)| names.contains(&name.as_str()));
        let path_of = |effect: &Effect| match &effect.object {
            Object::Path { path, .. } if matches!(effect.kind, EffectKind::Writes | EffectKind::Overwrites) => {
                path.text().map(<[u8]>::to_vec)
            }
            _ => None,
        };
        let unpacks = match name {
            b"tar" => given(&["--extract"]),
            b"unzip" | b"7z" | b"7za" | b"unar" | b"unrar" | b"bsdcpio" | b"ar" => true,
            b"cpio" => given(&["--extract", "-i"]),
            _ => false,
        };
        if unpacks {
            let directories: Vec<Vec<u8>> = action.effects.iter().filter_map(path_of).collect();
            for directory in directories {
                state.unpack(directory, id);
            }
            return Some(());
        }
        if !matches!(name, b"gzip" | b"xz" | b"bzip2" | b"zstd" | b"lz4" | b"brotli" | b"compress") {
            return None;
        }
        let packed: Vec<Vec<u8>> = action
            .operands
            .iter()
            .filter_map(|file| path::absolute(&state.cwd, file).text().map(<[u8]>::to_vec))
            .collect();
        for file in packed {
            let dot = file.iter().rposition(|byte| *byte == b'.')?;
            let mut by = before.get(&file).map(|made| made.by.clone()).unwrap_or_default();
            by.push(id);
            state.make(file.get(..dot)?, Made { by, ..Made::default() });
        }
        Some(())
    }

    /// Data in a named pipe goes from whoever writes it to whoever reads it, wherever they stand in the line.
    pub(super) fn join_fifos(&mut self) {
        for fifo in std::mem::take(&mut self.fifos) {
            let on = |effect: &Effect| match &effect.object {
                Object::Path { path, .. } => path.text() == Some(&fifo),
                _ => effect.feed.files.contains(&fifo),
            };
            let mut writers = Vec::new();
            let mut readers = Vec::new();
            for id in 0..self.here() {
                let Some(action) = self.listed(id) else { break };
                if action.program.as_deref().is_some_and(|name| matches!(name, b"mkfifo" | b"mknod" | b"rm")) {
                    continue;
                }
                for effect in action.effects.iter().filter(|effect| on(effect)) {
                    match effect.kind {
                        EffectKind::Writes | EffectKind::Overwrites => writers.push(id),
                        _ => readers.push(id),
                    }
                }
            }
            for writer in &writers {
                for reader in &readers {
                    self.flow(*writer, *reader, Channel::File(fifo.clone()));
                }
            }
        }
    }

    /// Adds what effects on paths reach through links of the line, and through links of the machine that `..` follows:
    /// a program sees where they lead, the shell what is written. `itself`: what is written is a link's own name.
    pub(super) fn follow_links(&self, effects: &mut Vec<Effect>, itself: bool, state: &State) {
        let own = state.linked;
        let mut more = Vec::new();
        for effect in effects.iter() {
            let Object::Path { path, as_written } = &effect.object else { continue };
            if !(itself || effect.kind == EffectKind::Deletes && !as_written.ends_with(b"/")) {
                for path in Self::led_vaguely(path, state) {
                    let object = Object::Path { path, as_written: as_written.clone() };
                    more.push(Effect { object, ..effect.clone() });
                }
            }
            let relative = !as_written.starts_with(b"/");
            let from = if relative { state.cwd.prefix() } else { b"" };
            if is_anothers(as_written) || from.starts_with(b"/proc/") && is_anothers(&[from, b"/", as_written].concat())
            {
                let path = Value { parts: Parts::new(), ..path.clone() };
                let hole = Value::hole("the directory of another process", Bound::Anything);
                let object = Object::Path { path: Value { parts: hole.parts, ..path }, as_written: as_written.clone() };
                more.push(Effect { object, certain: false, ..effect.clone() });
            }
            if effect.kind == EffectKind::Reads && !itself {
                more.extend(self.before_moving(path, state).map(|path| {
                    let object = Object::Path { as_written: path.display(), path };
                    Effect { object, ..effect.clone() }
                }));
            }
            let climbs = as_written.windows(2).any(|two| two == b"..");
            if !(own || climbs) {
                continue;
            }
            let changes = matches!(effect.kind, EffectKind::Writes | EffectKind::Overwrites);
            let spares = effect.kind == EffectKind::Deletes || itself && changes;
            let Some(led) = self.led(path, as_written, spares, state) else { continue };
            if led.parts == path.parts {
                continue;
            }
            let mut other = effect.clone();
            for file in &mut other.feed.files {
                if Some(file.as_slice()) == path.text()
                    && let Some(led) = led.text()
                {
                    *file = led.to_vec();
                }
            }
            other.object = Object::Path { path: led, as_written: as_written.clone() };
            more.push(other);
        }
        effects.extend(more);
        for effect in effects.iter_mut().filter(|effect| effect.kind == EffectKind::Sends) {
            let before = |file: &Vec<u8>| self.before_moving(&Value::known(file.clone()), state);
            let before: Vec<Value> = effect.feed.files.iter().filter_map(before).collect();
            effect.feed.files.extend(before.iter().filter_map(Value::text).map(<[u8]>::to_vec));
        }
    }

    /// Where a file lay before the line moved it: what is read is what lay there.
    fn before_moving(&self, path: &Value, state: &State) -> Option<Value> {
        let Made { by, twin: Some(twin), link: false, .. } = state.made(path.text()?)? else { return None };
        let [id] = by.as_slice() else { return None };
        let moved = self.listed(*id)?.program.as_deref() == Some(b"mv");
        moved.then(|| Value { parts: Parts::new(), ..path.clone() }.with(twin))
    }

    /// What `realpath` prints of a path.
    pub(super) fn real(&self, path: &Value, state: &State) -> Option<Value> {
        let text = path.text().filter(|text| !text.starts_with(b"-"))?;
        let raw = match (text.first(), state.cwd.text()) {
            (Some(b'/'), _) => text.to_vec(),
            (_, Some(cwd)) => [cwd, b"/", text].concat(),
            (_, None) => return None,
        };
        Some(Value { parts: Parts::new(), ..path.clone() }.with(&self.physical(&raw, false, state)))
    }

    /// Where a path leads.
    fn led(&self, path: &Value, as_written: &[u8], spares: bool, state: &State) -> Option<Value> {
        // Removing a link leaves what it leads to; with a slash behind it, and below it, that is what is meant.
        let spares = spares && !as_written.ends_with(b"/");
        if let Some(text) = path.text() {
            let raw = match (as_written.first(), state.cwd.text()) {
                (Some(b'/'), _) => as_written.to_vec(),
                (Some(_), Some(cwd)) => [cwd, b"/", as_written].concat(),
                _ => text.to_vec(),
            };
            // Seen from another directory than the shell's (`tar -C`), what is written says less.
            let raw = if path::absolute_bytes(b"/", &raw) == text { raw } else { text.to_vec() };
            return Some(Value { parts: Parts::new(), ..path.clone() }.with(&self.physical(&raw, spares, state)));
        }
        let Some(Part::Known(head)) = path.parts.first() else {
            let [Part::Hole(hole)] = path.parts.as_slice() else { return None };
            let Bound::Below { directory, from, names } = &hole.bound else { return None };
            let bound = Bound::Below {
                directory: self.physical(directory, false, state),
                from: from.clone(),
                names: names.clone(),
            };
            return Some(Value { parts: Value::hole(hole.why.clone(), bound).parts, ..path.clone() });
        };
        let cut = head.iter().rposition(|byte| *byte == b'/')?;
        let (directory, rest) = head.split_at_checked(cut)?;
        let mut out = Value { parts: Parts::new(), ..path.clone() }.with(&self.physical(directory, false, state));
        out.push_known(rest);
        out.parts.extend(path.parts.iter().skip(1).cloned());
        Some(path::normal(&out))
    }

    /// An absolute path with its links followed and its `..` taken from where they lead, as the kernel does. `spares`: the
    /// last component is not followed.
    fn physical(&self, raw: &[u8], spares: bool, state: &State) -> Vec<u8> {
        let mut todo: Vec<Vec<u8>> = raw.rsplit(|byte| *byte == b'/').map(<[u8]>::to_vec).collect();
        let mut done: Vec<u8> = Vec::new();
        let mut hops = 0;
        while let Some(name) = todo.pop() {
            match name.as_slice() {
                b"" | b"." => continue,
                b".." => {
                    let cut = done.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
                    done.truncate(cut);
                    continue;
                }
                _ => {}
            }
            let before = done.len();
            done.push(b'/');
            done.extend_from_slice(&name);
            if spares && todo.iter().all(Vec::is_empty) || hops >= LINKS {
                continue;
            }
            let target = match state.made(&done) {
                Some(Made { link: true, twin: Some(twin), .. }) => twin.clone(),
                _ if self.world.kind(&done) == FileKind::Link => match self.world.link(&done) {
                    Some(target) => target,
                    None => continue,
                },
                _ => continue,
            };
            hops += 1;
            done.truncate(if target.starts_with(b"/") { 0 } else { before });
            todo.extend(target.rsplit(|byte| *byte == b'/').map(<[u8]>::to_vec));
        }
        if done.is_empty() { b"/".to_vec() } else { path::absolute_bytes(b"/", &done) }
    }
}

/// Whether what is written leads through `/proc/PID/cwd`, or a file that is open, of a process named by its number.
fn is_anothers(written: &[u8]) -> bool {
    let Some(at) = written.windows(5).position(|five| five == b"proc/") else { return false };
    let rest = written.get(at + 5..).unwrap_or_default();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = rest.get(digits..).filter(|_| digits > 0).unwrap_or_default();
    let leads = |mark: &[u8]| rest.windows(mark.len()).any(|window| window == mark);
    rest.starts_with(b"/") && (leads(b"/cwd") || leads(b"/fd/") || leads(b"/map_files/"))
}

/// What is left of `path` behind `name`: nothing, or what begins with a slash. `None`: it may not lead through it.
fn below(path: &Value, name: &Value) -> Option<Vec<Part>> {
    let (last, head) = name.parts.split_last()?;
    if path.parts.get(..head.len()) != Some(head) {
        // Another spelling of a name not known, or a glob: the same known text before it, and a slash behind.
        let (Some(Part::Known(mine)), Some(Part::Known(theirs))) = (path.parts.first(), name.parts.first()) else {
            return None;
        };
        let open = path.parts.get(1).is_some_and(|part| !matches!(part, Part::Known(_)));
        let fits = open && name.parts.len() > 1 && (mine.starts_with(theirs) || theirs.starts_with(mine));
        let Some(Part::Known(rest)) = path.parts.get(2).filter(|_| fits) else { return None };
        let at = rest.iter().position(|byte| *byte == b'/')?;
        let rest = Part::known(rest.get(at..)?);
        return Some(std::iter::once(rest).chain(path.parts.iter().skip(3).cloned()).collect());
    }
    let mut rest: Vec<Part> = path.parts.get(head.len()..)?.to_vec();
    match (last, rest.first()?) {
        (Part::Known(name), Part::Known(text)) => {
            let tail = Text::from_slice(text.strip_prefix(name.as_slice())?);
            rest.remove(0);
            if !tail.is_empty() {
                rest.insert(0, Part::Known(tail));
            }
        }
        (name, part) if name == part => {
            rest.remove(0);
        }
        _ => return None,
    }
    match rest.first() {
        None => Some(rest),
        Some(Part::Known(text)) if text.starts_with(b"/") => Some(rest),
        _ => None,
    }
}
