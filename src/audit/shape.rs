//! The shapes of secrets that carry their own sign: a table, and nothing else.

/// Which bytes may follow a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// Letters and digits.
    Alnum,
    /// Letters, digits, `_`, `-`.
    Word,
    /// Letters, digits, `_`, `-`, `.`, `=`, `/`, `+`, `~`.
    Token,
    /// Capital letters and digits.
    Upper,
    /// Hexadecimal, lower case.
    Hex,
}

impl Alphabet {
    pub(super) fn has(self, byte: u8) -> bool {
        match self {
            Alphabet::Alnum => byte.is_ascii_alphanumeric(),
            Alphabet::Word => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Alphabet::Token => {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'=' | b'/' | b'+' | b'~')
            }
            Alphabet::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Alphabet::Hex => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        }
    }
}

/// A prefix, the kind it betrays, what follows it and how much of it at least.
pub(super) type Shape = (&'static [u8], &'static str, Alphabet, usize);

/// Longer prefixes before the shorter ones they begin with.
pub(super) const SHAPES: &[Shape] = &[
    (b"AKIA", "aws-key-id", Alphabet::Upper, 16),
    (b"ASIA", "aws-key-id", Alphabet::Upper, 16),
    (b"AIza", "google-key", Alphabet::Word, 30),
    (b"AGE-SECRET-KEY-1", "age-key", Alphabet::Upper, 30),
    (b"ATATT3", "atlassian-token", Alphabet::Token, 30),
    (b"NRAK-", "newrelic-key", Alphabet::Upper, 20),
    (b"PMAK-", "postman-key", Alphabet::Word, 30),
    (b"SG.", "sendgrid-key", Alphabet::Token, 40),
    (b"dapi", "databricks-token", Alphabet::Hex, 32),
    (b"dckr_pat_", "docker-token", Alphabet::Word, 20),
    (b"dop_v1_", "digitalocean-token", Alphabet::Hex, 40),
    (b"dp.pt.", "doppler-token", Alphabet::Alnum, 30),
    (b"figd_", "figma-token", Alphabet::Word, 20),
    (b"ghp_", "github-token", Alphabet::Alnum, 30),
    (b"gho_", "github-token", Alphabet::Alnum, 30),
    (b"ghs_", "github-token", Alphabet::Alnum, 30),
    (b"ghu_", "github-token", Alphabet::Alnum, 30),
    (b"ghr_", "github-token", Alphabet::Alnum, 30),
    (b"github_pat_", "github-token", Alphabet::Word, 30),
    (b"glpat-", "gitlab-token", Alphabet::Token, 18),
    (b"glrt-", "gitlab-token", Alphabet::Token, 18),
    (b"gldt-", "gitlab-token", Alphabet::Token, 18),
    (b"glsa_", "grafana-token", Alphabet::Word, 30),
    (b"gsk_", "groq-key", Alphabet::Alnum, 30),
    (b"hf_", "huggingface-token", Alphabet::Alnum, 30),
    (b"hvs.", "vault-token", Alphabet::Word, 20),
    (b"hvb.", "vault-token", Alphabet::Word, 20),
    (b"lin_api_", "linear-key", Alphabet::Alnum, 30),
    (b"npm_", "npm-token", Alphabet::Alnum, 30),
    (b"ntn_", "notion-token", Alphabet::Alnum, 30),
    (b"pplx-", "perplexity-key", Alphabet::Alnum, 30),
    (b"pscale_tkn_", "planetscale-token", Alphabet::Word, 20),
    (b"pypi-AgE", "pypi-token", Alphabet::Word, 30),
    (b"rk_live_", "stripe-key", Alphabet::Alnum, 16),
    (b"rubygems_", "rubygems-key", Alphabet::Hex, 30),
    (b"sbp_", "supabase-token", Alphabet::Hex, 30),
    (b"shpat_", "shopify-token", Alphabet::Alnum, 30),
    (b"sk-ant-", "anthropic-key", Alphabet::Word, 20),
    (b"sk-proj-", "openai-key", Alphabet::Word, 20),
    (b"sk-or-", "openrouter-key", Alphabet::Word, 20),
    (b"sk-", "api-key", Alphabet::Alnum, 32),
    (b"sk_live_", "stripe-key", Alphabet::Alnum, 16),
    (b"sk_test_", "stripe-key", Alphabet::Alnum, 16),
    (b"sntrys_", "sentry-token", Alphabet::Token, 30),
    (b"whsec_", "webhook-secret", Alphabet::Token, 24),
    (b"xoxa-", "slack-token", Alphabet::Word, 10),
    (b"xoxb-", "slack-token", Alphabet::Word, 10),
    (b"xoxp-", "slack-token", Alphabet::Word, 10),
    (b"xoxr-", "slack-token", Alphabet::Word, 10),
    (b"xoxs-", "slack-token", Alphabet::Word, 10),
    (b"xapp-", "slack-token", Alphabet::Word, 20),
    (b"xai-", "xai-key", Alphabet::Alnum, 40),
    (b"ya29.", "google-token", Alphabet::Token, 20),
];

/// Headers whose value is a secret, lower case, with their colon.
pub(super) const HEADERS: &[&[u8]] = &[
    b"authorization:",
    b"proxy-authorization:",
    b"x-api-key:",
    b"api-key:",
    b"x-auth-token:",
    b"private-token:",
    b"x-vault-token:",
    b"x-amz-security-token:",
    b"x-goog-api-key:",
    b"cookie:",
    b"set-cookie:",
];

/// Last words of a name whose value is a secret.
pub(super) const NAMES: &[&[u8]] = &[
    b"password",
    b"passwd",
    b"passphrase",
    b"pwd",
    b"pass",
    b"secret",
    b"token",
    b"apikey",
    b"api_key",
    b"access_key",
    b"secret_key",
    b"private_key",
    b"encryption_key",
    b"signing_key",
    b"account_key",
    b"accountkey",
    b"sharedaccesskey",
    b"credential",
    b"credentials",
    b"auth_key",
    b"authtoken",
    b"accesstoken",
    b"clientsecret",
    b"secretkey",
    b"accesskey",
];
