//! ImageMagick and ffmpeg: names with a prefix that reads, writes, deletes, connects or executes.

use super::super::reader::Reader;
use super::super::split::Words;
use crate::action::tool::Role;
use crate::action::{EffectKind, Flags, GapKind, Object, Value, path};

/// Formats of ImageMagick whose prefix changes only how a file is read or drawn.
const FORMATS: &[&[u8]] = &[
    b"png",
    b"png8",
    b"png24",
    b"png32",
    b"jpg",
    b"jpeg",
    b"gif",
    b"webp",
    b"bmp",
    b"tif",
    b"tiff",
    b"ppm",
    b"pgm",
    b"pbm",
    b"pnm",
    b"ico",
    b"pdf",
    b"avif",
    b"heic",
    b"jp2",
    b"exr",
    b"hdr",
    b"tga",
    b"rgb",
    b"rgba",
    b"gray",
    b"cmyk",
    b"miff",
    b"xc",
    b"canvas",
    b"gradient",
    b"radial-gradient",
    b"plasma",
    b"logo",
    b"rose",
    b"wizard",
    b"granite",
    b"pattern",
    b"null",
    b"info",
    b"json",
    b"yaml",
    b"histogram",
    b"mpr",
    b"fractal",
    b"hald",
    b"tile",
    b"stegano",
];

/// ImageMagick: the last operand is written, the others are read.
pub(super) fn image(reader: &mut Reader<'_>, words: &Words) {
    let called = words.operands.first().and_then(Value::text).unwrap_or_default().to_vec();
    let mut operands = words.operands.as_slice();
    // `magick convert a b` is `convert a b`.
    let verb =
        matches!(called.as_slice(), b"convert" | b"identify" | b"mogrify" | b"composite" | b"montage" | b"compare");
    if verb {
        operands = operands.get(1..).unwrap_or_default();
    }
    let name = reader.argv.first().and_then(Value::text).map(path::base).unwrap_or_default();
    let does = if verb { called.as_slice() } else { name };
    let last = operands.len().saturating_sub(1);
    for (index, operand) in operands.iter().enumerate() {
        let writes = match does {
            b"identify" => false,
            // Beside the pictures themselves it may be told where to put what it makes of them.
            b"mogrify" => !words.any(&["-path"]),
            _ => index == last && last > 0,
        };
        file(reader, operand, writes);
    }
}

fn file(reader: &mut Reader<'_>, operand: &Value, writes: bool) {
    let text = operand.prefix();
    if let Some(command) = text.strip_prefix(b"|") {
        return reader.command(&Value::known(command).at(operand.span));
    }
    if let Some(list) = text.strip_prefix(b"@") {
        return reader.role(&Role::OptionsFile, None, &Value::known(list).at(operand.span), Flags::default());
    }
    let colon = text
        .iter()
        .position(|byte| *byte == b':')
        .filter(|at| *at > 1 && text.iter().take(*at).all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-'));
    let Some(colon) = colon else { return image_file(reader, operand, writes) };
    let prefix = text.get(..colon).unwrap_or_default().to_ascii_lowercase();
    let rest = super::super::reader::tail(operand, colon + 1);
    match prefix.as_slice() {
        b"http" | b"https" | b"ftp" | b"url" => reader.role(&Role::Url, None, operand, Flags::default()),
        b"file" => reader.role(&Role::Url, None, operand, Flags::default()),
        b"label" | b"caption" | b"pango" => {
            if let Some(file) = rest.prefix().strip_prefix(b"@") {
                reader.reads(&Value::known(file).at(operand.span), Flags::default());
            }
        }
        b"text" | b"txt" => image_file(reader, &rest, writes),
        b"ephemeral" => {
            let object = reader.path(&rest);
            reader.effect(EffectKind::Deletes, object, operand);
        }
        known if FORMATS.contains(&known) => image_file(reader, &rest, writes),
        // `msl:` and `mvg:` are scripts; the rest are devices, screens and things nobody here has read of.
        _ => {
            image_file(reader, &rest, writes);
            let shown = String::from_utf8_lossy(&prefix).into_owned();
            reader.gap(GapKind::Partial, format!("`{shown}:` is more than a picture"), operand.span);
        }
    }
}

fn image_file(reader: &mut Reader<'_>, operand: &Value, writes: bool) {
    // Generated pictures and geometry have no file.
    if operand.parts.is_empty() || operand.prefix().starts_with(b"#") || operand.prefix().starts_with(b"(") {
        return;
    }
    if writes { reader.writes(operand, Flags::default()) } else { reader.reads(operand, Flags::default()) }
}

/// ffmpeg: protocols in the names of files, and filters that open files of their own.
pub(super) fn film(reader: &mut Reader<'_>, words: &Words) {
    let given: Vec<(String, Value)> =
        reader.reading.options.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect();
    for (name, value) in &given {
        let text = value.display();
        let has = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
        match name.as_str() {
            "-i" => {
                protocol(reader, value);
                if has(b"movie=") {
                    reader.gap(GapKind::Partial, "a filter opens a file", value.span);
                }
            }
            "-vf" | "-af" | "-filter_complex" | "-filter" | "-filter:v" | "-filter:a" | "-lavfi" => {
                let opens = [
                    &b"movie="[..],
                    b"zmq",
                    b"sendcmd",
                    b"ladspa",
                    b"frei0r",
                    b"lv2",
                    b"textfile=",
                    b"=/",
                    b"=../",
                    b"='/",
                    b"='../",
                ];
                if opens.iter().any(|part| has(part)) {
                    reader.gap(GapKind::Partial, "a filter opens a file or a socket", value.span);
                }
            }
            "-f" => {
                if matches!(
                    text.as_slice(),
                    b"tee"
                        | b"concat"
                        | b"x11grab"
                        | b"avfoundation"
                        | b"gdigrab"
                        | b"dshow"
                        | b"v4l2"
                        | b"video4linux2"
                        | b"pulse"
                        | b"alsa"
                        | b"kmsgrab"
                        | b"fbdev"
                        | b"sdl"
                        | b"sdl2"
                        | b"rtp"
                        | b"rtsp"
                        | b"mpegts_udp"
                ) {
                    reader.gap(GapKind::Partial, "a format that names files or devices of its own", value.span);
                }
            }
            _ => {}
        }
    }
    for operand in &words.operands {
        protocol(reader, operand);
    }
}

/// `concat:a|b`, `file:x`, `pipe:1`: what stands before the name decides what is opened.
fn protocol(reader: &mut Reader<'_>, value: &Value) {
    let text = value.prefix();
    let Some(colon) = text.iter().position(|byte| *byte == b':') else { return };
    let prefix = text.get(..colon).unwrap_or_default();
    if prefix.len() < 2 || !prefix.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b',' | b'_'))
    {
        return;
    }
    let rest = super::super::reader::tail(value, colon + 1);
    match prefix {
        b"pipe" | b"data" | b"testsrc" | b"color" | b"anullsrc" | b"sine" => {}
        b"file" => reader.reads(&rest, Flags::default()),
        b"concat" => {
            for file in rest.prefix().split(|byte| *byte == b'|') {
                reader.reads(&Value::known(file).at(value.span), Flags::default());
            }
        }
        b"http" | b"https" => {}
        _ if rest.prefix().starts_with(b"//") => {
            let host = super::super::host::authority(&super::super::reader::tail(&rest, 2));
            reader.effect(EffectKind::Connects, Object::Host(host), value);
        }
        _ => reader.gap(GapKind::Partial, "a protocol that opens something of its own", value.span),
    }
}
