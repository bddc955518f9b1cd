//! The policy file's format as JSON Schema (draft 2020-12), made of the very tables that reading it uses, so that an editor
//! completes what loads and marks what does not.

use serde_json::{Map, Value, json};

use super::{example, file, profile, rule_table, tool_table, when_table};
use crate::action::{EffectKind, Flag, Scope};

/// The schema of `policy.toml`, packs and `.vetsh.toml`.
#[must_use]
pub fn policy() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "vetsh policy",
        "type": "object",
        "required": ["format"],
        "properties": object(file::KEYS, top),
        "additionalProperties": false,
        "$defs": {
            "when": { "type": "object", "properties": object(when_table::WHEN_KEYS, when), "additionalProperties": false },
            "whens": { "anyOf": [{ "$ref": "#/$defs/when" }, { "type": "array", "items": { "$ref": "#/$defs/when" } }] },
            "words": { "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] },
            "example": { "anyOf": [
                { "type": "string" },
                { "type": "object", "required": ["line"], "properties": object(example::KEYS, of_example), "additionalProperties": false },
            ] },
            "tool": { "type": "object", "properties": object(tool_table::KEYS, tool) },
        },
    })
}

fn object(keys: &[&str], of: fn(&str) -> Value) -> Value {
    Value::Object(keys.iter().map(|key| ((*key).to_owned(), of(key))).collect::<Map<_, _>>())
}

fn closed(properties: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> =
        properties.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn text(what: &str) -> Value {
    json!({ "type": "string", "description": what })
}

fn texts(what: &str) -> Value {
    json!({ "type": "array", "items": { "type": "string" }, "description": what })
}

fn words(what: &str) -> Value {
    json!({ "$ref": "#/$defs/words", "description": what })
}

fn one_of(values: &[&str]) -> Value {
    json!({ "enum": values })
}

fn any_of(values: &[&str]) -> Value {
    json!({ "anyOf": [one_of(values), { "type": "array", "items": one_of(values) }] })
}

fn kinds() -> Vec<&'static str> {
    EffectKind::ALL.iter().map(|kind| kind.name()).collect()
}

fn top(key: &str) -> Value {
    match key {
        "format" => json!({ "const": 1 }),
        "pack" => text("the pack's name"),
        "version" => text("as the record shows it"),
        "approval" => closed(&[
            ("channels", json!({ "type": "array", "items": one_of(&["terminal", "queue", "client"]), "minItems": 1 })),
            ("wait", text("how long a request waits: \"50s\", \"10m\"")),
            ("on_refusal", texts("run on a refusal: an absolute path and its words")),
            ("approvals", json!({ "type": "integer", "minimum": 1, "maximum": 9 })),
            ("require", words("\"signed\", and approvers who must be among those who say yes")),
        ]),
        "environment" => closed(&[("kind", one_of(&["development", "production"]))]),
        "workspace" => closed(&[("roots", texts("absolute or ~/…"))]),
        "audit" => {
            closed(&[("sync", one_of(&["asked", "all"])), ("cap_mb", json!({ "type": "integer", "minimum": 0 }))])
        }
        "shell" => closed(
            &["bash", "sh", "zsh", "dash"]
                .map(|name| (name, texts("where the real one may be; the system's file alone"))),
        ),
        "session" => closed(&[
            ("max_time", text("how long a session may last: \"90m\", \"8h\"")),
            ("max_refusals", json!({ "type": "integer", "minimum": 1, "maximum": 1000 })),
            ("max_questions", json!({ "type": "integer", "minimum": 1, "maximum": 1000 })),
        ]),
        "walls" => closed(&[
            ("mode", one_of(&["off", "prefer", "require"])),
            ("profile", text("open, workspace, offline, review, or one of your own")),
            ("escalation", one_of(&["within-walls", "without-walls"])),
        ]),
        "profile" => json!({ "type": "object", "additionalProperties": {
            "type": "object",
            "properties": object(profile::KEYS, of_profile),
            "additionalProperties": false,
        } }),
        "enforce" => one_of(&["ask", "observe"]),
        "observe_until" => json!({ "description": "the last day on which supervised actions pass unasked" }),
        "list" => json!({ "type": "object", "additionalProperties": { "anyOf": [
            { "type": "array", "items": { "type": "string" } },
            closed(&[("add", texts("")), ("remove", texts(""))]),
        ] } }),
        "scope" => {
            let scopes: Vec<(&str, Value)> =
                Scope::ALL.iter().map(|scope| (scope.name(), closed(&[("add", texts("path globs"))]))).collect();
            closed(&scopes)
        }
        "tool" => json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/tool" } }),
        "rule" => json!({ "type": "array", "items": {
            "type": "object",
            "required": ["id", "tier", "what", "why", "match", "pass"],
            "properties": object(rule_table::RULE_KEYS, rule),
            "additionalProperties": false,
        } }),
        "relax" => json!({ "type": "array", "items": {
            "type": "object",
            "required": ["rule", "to", "reason"],
            "properties": object(rule_table::RELAX_KEYS, relax),
            "additionalProperties": false,
        } }),
        _ => json!({}),
    }
}

fn rule(key: &str) -> Value {
    match key {
        "id" => {
            json!({ "type": "string", "pattern": "^[a-z0-9-]+\\.[a-z0-9.-]+$", "description": "pack.pattern, never used again" })
        }
        "tier" => one_of(&["supervised", "prohibited"]),
        "what" => text("what would be done, in a few words"),
        "why" => text("why that is asked about or refused"),
        "instead" => text("what to do instead"),
        "undo" => text("how it is undone"),
        "approvals" => json!({ "type": "integer", "minimum": 1 }),
        "require" => words("\"signed\", and approvers who must be among those who say yes"),
        "confirm" => one_of(&["typed"]),
        "maps" => texts("where other catalogues name it"),
        "locked" => json!({ "type": "boolean" }),
        "profile" => text("the walls that such an action runs behind"),
        "when" => json!({ "$ref": "#/$defs/whens" }),
        "flow" => closed(&[("from", json!({ "$ref": "#/$defs/when" })), ("to", json!({ "$ref": "#/$defs/when" }))]),
        "match" | "pass" => json!({ "type": "array", "items": { "$ref": "#/$defs/example" }, "minItems": 2 }),
        _ => json!({}),
    }
}

fn relax(key: &str) -> Value {
    match key {
        "rule" => text("the rule's id, or a cell of the default table"),
        "to" => one_of(&["autonomous", "supervised"]),
        "reason" => text("why"),
        "when" => json!({ "$ref": "#/$defs/whens" }),
        "expires" => json!({ "description": "the last day; then it is inert" }),
        _ => json!({}),
    }
}

fn when(key: &str) -> Value {
    let flags: Vec<&str> = Flag::ALL.iter().map(|flag| flag.name()).collect();
    match key {
        "coverage" => any_of(when_table::COVERAGE),
        "content" => any_of(when_table::CONTENT),
        "flag" => any_of(&flags),
        "effect" => json!({ "anyOf": [any_of(&kinds()), {
            "type": "object",
            "properties": object(when_table::EFFECT_KEYS, effect),
            "additionalProperties": false,
        }] }),
        "context" => {
            json!({ "type": "object", "properties": object(when_table::CONTEXT_KEYS, |_| words("")), "additionalProperties": false })
        }
        "impact" => json!({
            "type": "object",
            "properties": object(when_table::IMPACT_KEYS, |_| json!({ "type": "integer", "minimum": 0 })),
            "additionalProperties": false,
        }),
        "risk_at_least" => json!({ "type": "integer", "minimum": 0, "maximum": 100 }),
        "not" => json!({ "$ref": "#/$defs/when" }),
        _ => words(""),
    }
}

fn effect(key: &str) -> Value {
    let flags: Vec<&str> = Flag::ALL.iter().map(|flag| flag.name()).collect();
    let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.name()).collect();
    match key {
        "kind" => any_of(&kinds()),
        "scope" => any_of(&scopes),
        "flag" => any_of(&flags),
        _ => words(""),
    }
}

fn of_example(key: &str) -> Value {
    match key {
        "env" | "files" | "links" => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        "impact" => json!({ "type": "object", "additionalProperties": { "type": "integer", "minimum": 0 } }),
        _ => text(""),
    }
}

fn of_profile(key: &str) -> Value {
    match key {
        "base" => text("the profile it starts from"),
        "readable" | "writable" | "executable" | "sockets" => {
            texts("paths, ~/… and @workspace, @temp, @cache, @devices, @all")
        }
        "network" | "signals" | "namespaces" | "tracing" | "own_keys" => json!({ "type": "boolean" }),
        _ => json!({ "type": "integer", "minimum": 0 }),
    }
}

fn tool(key: &str) -> Value {
    match key {
        "runner" => json!({ "type": "boolean" }),
        "sub" => json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/tool" } }),
        "forms" => json!({ "type": "array", "items": { "type": "object" } }),
        "autonomous" | "supervised" | "prohibited" => {
            json!({ "type": "array", "items": { "$ref": "#/$defs/example" } })
        }
        _ => texts(""),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    /// Every key that is read has a schema of its own.
    #[test]
    fn no_key_is_left_open() {
        let schema = super::policy();
        let open = |place: &Value| -> Vec<String> {
            let properties = place["properties"].as_object().expect("properties");
            let empty = |value: &Value| value.as_object().is_some_and(serde_json::Map::is_empty);
            properties.iter().filter(|(_, value)| empty(value)).map(|(name, _)| name.clone()).collect()
        };
        let defs = &schema["$defs"];
        let places = [
            &schema,
            &schema["properties"]["rule"]["items"],
            &schema["properties"]["relax"]["items"],
            &defs["when"],
            &defs["tool"],
        ];
        for place in places {
            assert_eq!(open(place), Vec::<String>::new());
        }
    }
}
