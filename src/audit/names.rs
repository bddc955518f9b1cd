//! Names that announce a secret beside them: a table, and nothing else.

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
