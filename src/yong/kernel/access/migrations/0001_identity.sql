-- Parties in a tree; `ancestors` holds the path from the root to the party itself, kept by the service.
CREATE TABLE access.party (
    id         text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 128),
    kind       text NOT NULL CHECK (kind IN
               ('city', 'department', 'district', 'organisation', 'person', 'device', 'application')),
    name_zh    text NOT NULL,
    name_en    text NOT NULL,
    parent_id  text REFERENCES access.party,
    ancestors  text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz
);
CREATE INDEX ON access.party USING gin (ancestors);

CREATE TABLE access.account (
    id              text PRIMARY KEY,
    name            text NOT NULL UNIQUE,
    party_id        text REFERENCES access.party,
    password_hash   text,
    must_change     boolean NOT NULL DEFAULT false,
    password_until  timestamptz,             -- a one-time password's end
    totp_secret     text,
    totp_confirmed  boolean NOT NULL DEFAULT false,
    totp_last_step  bigint NOT NULL DEFAULT 0,
    recovery_hashes bytea[] NOT NULL DEFAULT '{}',
    failures        int NOT NULL DEFAULT 0,
    locked_until    timestamptz,
    disabled_at     timestamptz,
    oidc_issuer     text,
    oidc_subject    text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (oidc_issuer, oidc_subject)
);

CREATE TABLE access.mandate (
    id         text PRIMARY KEY,
    account_id text NOT NULL REFERENCES access.account,
    role       text NOT NULL,
    administration text CHECK (administration IN ('system', 'security', 'audit')),
    party_id   text REFERENCES access.party,
    district   text,
    own        boolean NOT NULL DEFAULT false,
    until      date,
    granted_by text NOT NULL,
    granted_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
CREATE INDEX ON access.mandate (account_id) WHERE revoked_at IS NULL;

-- 三员分立: nobody holds two of the three administrations, whatever the code above does.
CREATE FUNCTION access.administrations_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('access.administrations'));
    IF NEW.administration IS NOT NULL AND NEW.revoked_at IS NULL AND EXISTS (
        SELECT 1 FROM access.mandate m
        WHERE m.account_id = NEW.account_id AND m.id <> NEW.id AND m.revoked_at IS NULL
          AND m.administration IS NOT NULL AND m.administration <> NEW.administration
          AND (m.until IS NULL OR m.until >= current_date)) THEN
        RAISE EXCEPTION 'administrations must be held by different accounts' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER administrations_apart BEFORE INSERT OR UPDATE ON access.mandate
    FOR EACH ROW EXECUTE FUNCTION access.administrations_apart();

CREATE TABLE access.session (
    token_sha256 bytea PRIMARY KEY,
    account_id   text NOT NULL REFERENCES access.account,
    factors      text[] NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    seen_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON access.session (account_id);

CREATE TABLE access.api_key (
    id            text PRIMARY KEY,
    secret_sha256 bytea NOT NULL,
    account_id    text NOT NULL REFERENCES access.account,
    title         text NOT NULL,
    roles         text[] NOT NULL,           -- the creator's mandates it may use, by role
    per_minute    int NOT NULL,
    per_day       int NOT NULL,
    until         timestamptz NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    revoked_at    timestamptz
);
CREATE TABLE access.api_key_use (
    key_id text NOT NULL REFERENCES access.api_key,
    period text NOT NULL,                    -- 'm2026-11-23T20:41' or 'd2026-11-23'
    uses   int NOT NULL,
    PRIMARY KEY (key_id, period)
);

CREATE TABLE access.device_credential (
    thing        text NOT NULL,
    token_sha256 bytea NOT NULL,
    issued_at    timestamptz NOT NULL DEFAULT now(),
    revoked_at   timestamptz,
    PRIMARY KEY (thing, token_sha256)
);


-- Every process keeps answers for seconds; this tells them to forget.
CREATE FUNCTION access.tell_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_notify('access_changed', ''); RETURN NULL; END $$;
CREATE TRIGGER told AFTER INSERT OR UPDATE OR DELETE ON access.mandate
    FOR EACH STATEMENT EXECUTE FUNCTION access.tell_changed();
CREATE TRIGGER told AFTER UPDATE OF disabled_at, party_id ON access.account
    FOR EACH STATEMENT EXECUTE FUNCTION access.tell_changed();
CREATE TRIGGER told AFTER DELETE ON access.session
    FOR EACH STATEMENT EXECUTE FUNCTION access.tell_changed();
CREATE TRIGGER told AFTER UPDATE OF revoked_at ON access.api_key
    FOR EACH STATEMENT EXECUTE FUNCTION access.tell_changed();
CREATE TRIGGER told AFTER UPDATE OF revoked_at ON access.device_credential
    FOR EACH STATEMENT EXECUTE FUNCTION access.tell_changed();
