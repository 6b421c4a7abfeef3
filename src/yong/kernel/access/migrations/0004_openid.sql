-- One-time codes' secrets are sealed by the application. What an older version stored in clear is sealed at
-- the next start; from now on the old column takes nothing.
ALTER TABLE access.account ADD COLUMN totp_sealed bytea;
ALTER TABLE access.account ADD CONSTRAINT totp_secret_sealed CHECK (totp_secret IS NULL) NOT VALID;
CREATE INDEX account_unsealed ON access.account (id) WHERE totp_secret IS NOT NULL;

-- What the last reservation granted, decided on the row itself while it is locked.
ALTER TABLE access.api_key_use ADD COLUMN granted int NOT NULL DEFAULT 0;

-- Who an OpenID provider's subject is here: never two accounts, and an account one subject of an issuer.
ALTER TABLE access.account DROP COLUMN oidc_issuer, DROP COLUMN oidc_subject;
CREATE TABLE access.openid_link (
    id         text PRIMARY KEY,
    issuer     text NOT NULL,
    subject    text NOT NULL,
    account_id text NOT NULL REFERENCES access.account,
    linked_by  text NOT NULL,
    linked_at  timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz,
    UNIQUE (issuer, subject),
    UNIQUE (account_id, issuer)
);

-- A sign-in under way at the provider: bound to a browser by its cookie, used once.
CREATE TABLE access.openid_request (
    state_sha256   bytea PRIMARY KEY,
    browser_sha256 bytea NOT NULL,
    issuer         text NOT NULL,
    nonce          text NOT NULL,
    verifier       text NOT NULL,            -- PKCE
    onward         text NOT NULL,            -- a path of ours
    until          timestamptz NOT NULL
);
CREATE INDEX ON access.openid_request (until);

-- Who the provider has named and who still owes a one-time code.
CREATE TABLE access.openid_step (
    browser_sha256 bytea PRIMARY KEY,
    link_id        text NOT NULL REFERENCES access.openid_link ON DELETE CASCADE,
    until          timestamptz NOT NULL
);
CREATE INDEX ON access.openid_step (until);
