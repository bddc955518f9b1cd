//! The reading in the making: what every part of argv reading adds to.

use std::rc::Rc;

use crate::action::{
    Bound, Coverage, Effect, EffectKind, Feed, Flag, Flags, Gap, GapKind, Object, Part, Reading, Surroundings,
    ToolCommand, Value, path,
};
use crate::text::Span;

/// A [`Reading`] in the making.
pub(super) struct Reader<'a> {
    /// What it may ask.
    pub around: &'a Surroundings<'a>,
    /// The words as they were given.
    pub argv: &'a [Value],
    /// What is known so far.
    pub reading: Reading,
    /// The directory in force: the surroundings' until an option moves it.
    pub cwd: Value,
    /// Whether an option moved it.
    pub moved: bool,
    /// Where the program's name stands.
    pub at: Span,
    /// Only shows help or a version: nothing happens.
    pub harmless: bool,
    /// Variables set for the payload by operands of role `assign`.
    pub assigns: Vec<(Vec<u8>, Value)>,
    /// Payloads run on another machine or in a container.
    pub elsewhere: bool,
    /// A role read standard input (`-` as a file).
    pub stdin: bool,
}

impl<'a> Reader<'a> {
    /// Nothing read yet.
    pub fn new(around: &'a Surroundings<'a>, argv: &'a [Value]) -> Self {
        Reader {
            around,
            argv,
            reading: Reading::default(),
            cwd: around.cwd.clone(),
            moved: false,
            at: Span::default(),
            harmless: false,
            assigns: Vec::new(),
            elsewhere: false,
            stdin: false,
        }
    }

    /// Notes something not understood.
    pub fn gap(&mut self, kind: GapKind, what: impl Into<String>, span: Span) {
        self.reading.coverage = self.reading.coverage.max(Coverage::Partial);
        self.reading.gaps.push(Gap { kind, what: what.into(), span });
    }

    /// Adds an effect whose object came from `origin`.
    pub fn effect(&mut self, kind: EffectKind, object: Object, origin: &Value) {
        self.effect_with(kind, object, origin, Flags::default(), Feed::default());
    }

    /// Adds an effect with flags and what feeds it.
    pub fn effect_with(&mut self, kind: EffectKind, object: Object, origin: &Value, flags: Flags, mut feed: Feed) {
        for id in &origin.taint {
            if let Err(at) = feed.taint.binary_search(id) {
                feed.taint.insert(at, *id);
            }
        }
        let span = if origin.span == Span::default() { self.at } else { origin.span };
        let effect = Effect { kind, object, flags, certain: certain(origin), span, feed };
        self.reading.effects.push(effect);
    }

    /// The program itself does this, whatever its words.
    pub fn own(&mut self, kind: EffectKind, object: Object) {
        let at = self.at;
        self.effect(kind, object, &Value::default().at(at));
    }

    /// A path as an object.
    pub fn path(&self, operand: &Value) -> Object {
        Object::Path { path: path::absolute(&self.cwd, operand), as_written: operand.display() }
    }

    /// Whether an effect of this kind was found.
    pub fn has(&self, kind: EffectKind) -> bool {
        self.reading.effects.iter().any(|effect| effect.kind == kind)
    }

    /// Applies what concerns the whole: flags, `dry`, help forms, output.
    pub fn finish(mut self) -> Reading {
        let flags = self.reading.flags;
        if self.harmless {
            self.reading.effects.clear();
            self.reading.payloads.clear();
            self.reading.moved.clear();
            self.reading.gaps.retain(|gap| gap.kind == GapKind::LookAlike);
            self.reading.coverage = if self.reading.gaps.is_empty() { Coverage::Full } else { self.reading.coverage };
            return self.reading;
        }
        if flags.has(Flag::Dry) {
            self.reading.effects.retain(|effect| !changes(effect.kind));
        }
        for effect in &mut self.reading.effects {
            effect.flags = effect.flags.union(flags);
        }
        super::output::describe(&mut self);
        self.reading
    }
}

/// Whether an effect falls away when the program only shows what it would do.
fn changes(kind: EffectKind) -> bool {
    match kind {
        EffectKind::Reads
        | EffectKind::Names
        | EffectKind::Executes
        | EffectKind::Connects
        | EffectKind::Sends
        | EffectKind::Listens
        | EffectKind::Queries
        | EffectKind::Escalates
        | EffectKind::Decodes => false,
        EffectKind::Writes
        | EffectKind::Overwrites
        | EffectKind::Deletes
        | EffectKind::Permits
        | EffectKind::Modifies
        | EffectKind::Installs
        | EffectKind::Commits
        | EffectKind::Publishes
        | EffectKind::Rewrites
        | EffectKind::Signals
        | EffectKind::Configures
        | EffectKind::Deploys
        | EffectKind::Spends => true,
    }
}

/// Whether what a value names is certain for the purpose of scopes: no hole, or bounded ones only.
pub(super) fn certain(value: &Value) -> bool {
    value.parts.iter().all(|part| match part {
        Part::Known(_) | Part::Glob(_) => true,
        Part::Hole(hole) => !matches!(hole.bound, Bound::Anything),
    })
}

/// `value` without its first `count` known bytes.
pub(super) fn tail(value: &Value, count: usize) -> Value {
    let mut out = Value { taint: value.taint.clone(), span: value.span, many: value.many, ..Value::default() };
    for (index, part) in value.parts.iter().enumerate() {
        match part {
            Part::Known(text) if index == 0 => out.push_known(text.get(count..).unwrap_or_default()),
            Part::Known(text) => out.push_known(text),
            part => out.parts.push(part.clone()),
        }
    }
    out
}

/// One of the commands an argv is read by, from the program down.
pub(super) type Levels = Vec<Rc<ToolCommand>>;
