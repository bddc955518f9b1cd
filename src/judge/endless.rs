//! Devices and programs that never end, and where all of what they give is taken.

use crate::action::{Action, ActionKind, Actions, EffectKind, Value};

/// Devices that never end.
const DEVICES: &[&[u8]] = &[b"/dev/zero", b"/dev/urandom", b"/dev/random"];

/// Whether the action takes all of what does not end: a program that reads to the end before it says anything, or a redirection
/// that nothing bounds. `endless`: something of the line is.
#[inline(never)]
pub(super) fn fills(actions: &Actions, at: usize, endless: bool) -> bool {
    let Some(action) = actions.list.get(at) else { return false };
    if let Some(b"cp" | b"b2sum" | b"cksum" | b"sum" | b"wc" | b"sort" | b"tac") = action.program.as_deref() {
        return reads_device(action);
    }
    if action.program.as_deref() == Some(b"dd") {
        return reads_much(action);
    }
    let tees = action.program.as_deref() == Some(b"tee")
        && action.operands.iter().any(|word| !word.prefix().starts_with(b"/dev/"));
    let writes = |kind: EffectKind| matches!(kind, EffectKind::Writes | EffectKind::Overwrites);
    if !endless
        || action.kind != ActionKind::Redirect && !tees
        || !action.effects.iter().any(|effect| writes(effect.kind))
    {
        return false;
    }
    let from = || {
        let into = actions.flows.iter().filter(|flow| flow.to as usize == at);
        into.filter_map(|flow| actions.list.get(flow.from as usize))
    };
    // What stands in between may bound it; what only starts it does not.
    let Some(source) = from().find(|action| is_endless(action)) else { return false };
    from().all(|action| is_endless(action) || action.program.as_ref().is_some_and(|own| source.via.contains(own)))
}

fn reads_device(action: &Action) -> bool {
    action.operands.iter().any(|word| word.text().is_some_and(|text| DEVICES.contains(&text)))
}

/// Whether `dd` takes without an end, or more than 8 GiB, of a device that never ends.
fn reads_much(action: &Action) -> bool {
    let given = |name: &str| {
        action.options.iter().find(|(own, _)| own.as_str() == name).and_then(|(_, value)| value.as_ref()?.text())
    };
    let writes = given("of=").is_some_and(|file| !file.starts_with(b"/dev/") || file.starts_with(b"/dev/shm/"));
    let number = |text: &[u8]| {
        let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, unit) = text.split_at_checked(digits)?;
        let number: u64 = std::str::from_utf8(number).ok()?.parse().ok()?;
        let power =
            unit.first().map_or(Some(0), |unit| b"cwbkMGTP".iter().position(|own| own.eq_ignore_ascii_case(unit)));
        Some(number.saturating_mul(1u64 << (10 * power?.saturating_sub(2) as u32)))
    };
    let size = given("bs=").or(given("obs=")).map_or(Some(512), number);
    let count = given("count=").and_then(number);
    let much = || size.zip(count).is_none_or(|(size, count)| size.saturating_mul(count) > 8 << 30);
    writes && given("if=").is_some_and(|file| DEVICES.contains(&file)) && much()
}

/// Whether what the action prints never ends.
pub(super) fn is_endless(action: &Action) -> bool {
    match action.program.as_deref() {
        Some(b"yes") => true,
        Some(b"cat" | b"pv" | b"base64" | b"gzip" | b"xz" | b"zstd" | b"strings") => reads_device(action),
        Some(b"head") => action.options.iter().any(|(name, size)| {
            let size = size.as_ref().and_then(Value::text).unwrap_or_default();
            name == "--bytes" && (size.contains(&b'T') || size.contains(&b'G') && size.len() > 3)
        }),
        _ => false,
    }
}
