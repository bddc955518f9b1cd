//! What leaves by small languages of their own: curl's forms, socat's addresses, batches of sftp and ftp, HTTPie's items.

use super::super::reader::Reader;
use super::super::role::split_quoted;
use super::super::split::Words;
use crate::action::{EffectKind, Feed, Flags, Object, Value, path};

/// A file that is sent: it is read, and whatever the program sends carries it.
fn sent(reader: &mut Reader<'_>, file: &[u8], origin: &Value) {
    if file.is_empty() || file == b"-" {
        return;
    }
    let home = reader.around.world.home().unwrap_or_default();
    let expanded = match file.strip_prefix(b"~/") {
        Some(rest) => [home.as_slice(), b"/", rest].concat(),
        None => file.to_vec(),
    };
    let value = Value::known(expanded).at(origin.span);
    reader.reads(&value, Flags::default());
    let Some(file) = path::absolute(&reader.cwd, &value).text().map(<[u8]>::to_vec) else { return };
    let mut carried = false;
    for effect in reader.reading.effects.iter_mut().filter(|effect| effect.kind == EffectKind::Sends) {
        effect.feed.files.push(file.clone());
        carried = true;
    }
    if !carried {
        let feed = Feed { files: vec![file], ..Feed::default() };
        reader.effect_with(EffectKind::Sends, Object::None, origin, Flags::default(), feed);
    }
}

/// The values given to an option, by its first long name.
fn values(reader: &Reader<'_>, names: &[&str]) -> Vec<Value> {
    let given = reader.reading.options.iter().filter(|(name, _)| names.contains(&name.as_str()));
    given.filter_map(|(_, value)| value.clone()).collect()
}

/// curl: cookies from a file, `name@file`, `field=<file`, `%output{file}`, and schemes that speak to other services.
pub(super) fn curl(reader: &mut Reader<'_>, words: &Words) {
    for value in values(reader, &["--cookie"]) {
        if !value.prefix().contains(&b'=') {
            reader.reads(&value, Flags::default());
        }
    }
    for value in values(reader, &["--header", "--proxy-header"]) {
        if let Some(file) = value.prefix().strip_prefix(b"@").map(<[u8]>::to_vec) {
            sent(reader, &file, &value);
        }
    }
    for value in values(reader, &["--data-urlencode", "--url-query"]) {
        let text = value.prefix();
        let mark = text.iter().position(|byte| matches!(byte, b'=' | b'@'));
        if let Some(at) = mark.filter(|at| text.get(*at) == Some(&b'@')) {
            let file = text.get(at + 1..).unwrap_or_default().to_vec();
            sent(reader, &file, &value);
        }
    }
    for value in values(reader, &["--form"]) {
        let text = value.prefix();
        let Some(at) = text.iter().position(|byte| *byte == b'=') else { continue };
        if let Some([b'@' | b'<', rest @ ..]) = text.get(at + 1..) {
            for file in rest.split(|byte| *byte == b',') {
                let file = file.split(|byte| *byte == b';').next().unwrap_or_default();
                let file = file.strip_prefix(b"\"").and_then(|file| file.strip_suffix(b"\"")).unwrap_or(file).to_vec();
                sent(reader, &file, &value);
            }
        }
    }
    // curl reads globs of names itself.
    for value in values(reader, &["--upload-file"]) {
        for file in super::find::alternatives(value.prefix()) {
            sent(reader, &file, &value);
        }
    }
    for value in values(reader, &["--write-out"]) {
        let text = value.display();
        let mark = b"%output{";
        for at in text.windows(mark.len()).enumerate().filter(|(_, window)| window == mark).map(|(at, _)| at) {
            let rest = text.get(at + mark.len()..).unwrap_or_default();
            let file = rest.split(|byte| *byte == b'}').next().unwrap_or_default();
            let file = file.strip_prefix(b">>").unwrap_or(file);
            reader.writes(&Value::known(file).at(value.span), Flags::default());
        }
    }
    // `--resolve host:port:address`, `--connect-to host:port:other:port`: what answers is named behind what is asked for.
    for (option, value) in reader.reading.options.clone() {
        let Some(value) = value.filter(|_| matches!(option.as_str(), "--resolve" | "--connect-to")) else { continue };
        let mut places = value.prefix().splitn(3, |byte| *byte == b':').skip(2);
        for place in places.next().unwrap_or_default().split(|byte| *byte == b',').filter(|place| !place.is_empty()) {
            let place = super::super::host::authority(&Value::known(place).at(value.span));
            reader.effect(EffectKind::Connects, Object::Host(place), &value);
        }
    }
    let mut urls = values(reader, &["--url"]);
    urls.extend(words.operands.iter().cloned());
    for url in urls {
        let text = url.prefix().to_ascii_lowercase();
        let Some(colon) = text.windows(3).position(|three| three == b"://") else { continue };
        let plain = matches!(text.get(..colon), Some(b"http" | b"https" | b"file" | b"ftp" | b"ftps"));
        if !plain && !reader.has(EffectKind::Sends) {
            // `gopher:`, `dict:`, `telnet:` put words of the URL to whatever listens there.
            let feed = Feed { stdin: text.starts_with(b"telnet"), ..Feed::default() };
            reader.effect_with(EffectKind::Sends, Object::None, &url, Flags::default(), feed);
        }
    }
}

/// `gh release upload TAG FILE#label`: what stands before the label is sent.
pub(super) fn assets(reader: &mut Reader<'_>, words: &Words) {
    for asset in words.operands.iter().skip(1) {
        let text = asset.prefix();
        if let Some(at) = text.iter().position(|byte| *byte == b'#') {
            sent(reader, text.get(..at).unwrap_or_default(), asset);
        }
    }
}

/// HTTPie: the first word that is no method is the URL; `name@file`, `name=@file`, `name:=@file`.
pub(super) fn items(reader: &mut Reader<'_>, words: &Words) {
    let is_method = |word: &Value| word.text().is_some_and(|word| word.iter().all(u8::is_ascii_uppercase));
    if let Some(url) = words.operands.iter().find(|word| !is_method(word)).filter(|_| reader.reading.gaps.is_empty())
        && let super::super::host::Place::Host(host) = super::super::host::url(url)
    {
        reader.effect(EffectKind::Connects, Object::Host(host), url);
    }
    for item in words.operands.iter().skip(1) {
        let text = item.prefix();
        if text.windows(3).any(|three| three == b"://") {
            continue;
        }
        let Some(at) = text.iter().position(|byte| *byte == b'@') else { continue };
        let file = text.get(at + 1..).unwrap_or_default();
        let file = file.split(|byte| *byte == b';').next().unwrap_or_default().to_vec();
        sent(reader, &file, item);
    }
}

/// socat: a file as one of its addresses goes to the other.
pub(super) fn socat(reader: &mut Reader<'_>, words: &Words) {
    for address in &words.operands {
        let text = address.prefix();
        let (kind, rest) = match text.iter().position(|byte| *byte == b':') {
            Some(at) => {
                (text.get(..at).unwrap_or_default().to_ascii_uppercase(), text.get(at + 1..).unwrap_or_default())
            }
            None if text.starts_with(b"/") || text.starts_with(b".") => (b"GOPEN".to_vec(), text),
            None => continue,
        };
        let file = rest.split(|byte| *byte == b',').next().unwrap_or_default().to_vec();
        match kind.as_slice() {
            b"FILE" | b"OPEN" | b"GOPEN" => sent(reader, &file, address),
            b"CREATE" | b"CREAT" => reader.writes(&Value::known(file).at(address.span), Flags::default()),
            _ => {}
        }
    }
}

/// Clients of clouds and object stores: whatever path a word of theirs names goes out, but for what a copy brings in.
pub(super) fn cloud(reader: &mut Reader<'_>, words: &Words) {
    // `aws configure get profile.x.output`: names of settings, not of files.
    if reader.reading.sub.first().is_some_and(|sub| sub == "configure") {
        return;
    }
    let verbs = |word: &[u8]| {
        matches!(
            word,
            b"cp" | b"copy" | b"copyto" | b"mv" | b"move" | b"sync" | b"get" | b"rsync" | b"mirror" | b"download"
        )
    };
    let copies = reader.reading.sub.iter().any(|sub| verbs(sub.as_bytes()))
        || words.operands.iter().any(|word| word.text().is_some_and(verbs));
    // What these name without a place of the cloud is a file here, whatever its name.
    let uploads = |word: &[u8]| verbs(word) && !matches!(word, b"get" | b"download") || word == b"put";
    let takes = reader.reading.sub.iter().any(|sub| uploads(sub.as_bytes()))
        || words.operands.iter().any(|word| word.text().is_some_and(uploads));
    let place = |word: &Value| {
        let text = word.prefix();
        let slash = text.iter().position(|byte| *byte == b'/').unwrap_or(text.len());
        text.iter().position(|byte| *byte == b':').is_some_and(|colon| colon < slash)
    };
    let last = words.operands.len().saturating_sub(1);
    let brings = copies && last > 0 && words.operands.get(last - 1).is_some_and(place);
    for (index, word) in words.operands.iter().enumerate() {
        if brings && index == last {
            if !place(word) {
                reader.writes(word, Flags::default());
            }
            continue;
        }
        if takes && !place(word) && word.text().is_some_and(|text| !verbs(text)) {
            let file = word.display();
            sent(reader, &file, word);
            continue;
        }
        named(reader, word);
    }
    // A certificate to log in with stays here.
    let given = reader.reading.options.iter().filter(|(name, _)| name != "--password");
    let given: Vec<Value> = given.filter_map(|(_, value)| value.clone()).collect();
    for value in given {
        named(reader, &value);
    }
}

/// A word that is a path by its shape, `file://PATH` or `@PATH`.
fn named(reader: &mut Reader<'_>, word: &Value) {
    let text = word.prefix();
    // An option nobody declared stands among the operands.
    let from = text.iter().position(|byte| *byte == b'=').filter(|_| text.starts_with(b"-")).map_or(0, |at| at + 1);
    let text = text.get(from..).unwrap_or_default();
    let file = [&b"fileb://"[..], b"file://", b"@"].iter().find_map(|mark| text.strip_prefix(*mark));
    // `server.key` is a file's name too; what has a colon is an address or a place.
    let dotted = text.contains(&b'.') && !text.iter().any(|byte| matches!(byte, b':' | b'=' | b' ' | b'{'));
    let shaped = text.starts_with(b"/") || dotted;
    if let Some(file) = file.or(shaped.then_some(text)) {
        let file = file.to_vec();
        sent(reader, &file, word);
    }
}

/// Batches of sftp, ftp and lftp: what is put is sent, what is got is written, `!` is a shell.
pub(super) fn batch(reader: &mut Reader<'_>) {
    let mut texts = values(reader, &["-e", "-c"]);
    texts.extend(reader.around.stdin.map(|text| Value::known(text).at(reader.at)));
    for text in texts {
        let Some(lines) = text.text().map(<[u8]>::to_vec) else { continue };
        for line in lines.split(|byte| matches!(byte, b'\n' | b';')) {
            let line = line.trim_ascii();
            let line = line.strip_prefix(b"-").or_else(|| line.strip_prefix(b"@")).unwrap_or(line);
            if let Some(command) = line.strip_prefix(b"!") {
                reader.command(&Value::known(command).at(text.span));
                continue;
            }
            let words = split_quoted(line);
            let Some((verb, rest)) = words.split_first() else { continue };
            let back = rest.iter().any(|word| matches!(word.as_slice(), b"-R" | b"--reverse"));
            let mut files = rest.iter().filter(|word| !word.starts_with(b"-"));
            match verb.as_slice() {
                b"put" | b"reput" | b"send" | b"append" | b"local" => {
                    if let Some(file) = files.next() {
                        sent(reader, file, &text);
                    }
                }
                b"mput" => files.for_each(|file| sent(reader, file, &text)),
                b"mirror" if back => {
                    if let Some(file) = files.next() {
                        sent(reader, file, &text);
                    }
                }
                b"get" | b"reget" | b"recv" | b"pget" => {
                    let Some(remote) = files.next() else { continue };
                    let local = files.next().cloned().unwrap_or_else(|| path::base(remote).to_vec());
                    reader.writes(&Value::known(local).at(text.span), Flags::default());
                }
                b"shell" => reader.command(&Value::known(line.get(5..).unwrap_or_default()).at(text.span)),
                _ => {}
            }
        }
    }
}

/// Programs whose standard input goes to the other side whatever else they are told.
pub(in super::super) fn carries_stdin(program: &[u8]) -> bool {
    matches!(program, b"nc" | b"ssh" | b"socat" | b"telnet" | b"openssl" | b"mail" | b"sendmail" | b"websocat")
}
