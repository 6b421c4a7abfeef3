-- Policies beside the modules' own: Cedar text, in versions; the newest that is not withdrawn counts.
CREATE TABLE access.policy (
    name       text NOT NULL,
    version    int NOT NULL,
    cedar      text NOT NULL,
    active     boolean NOT NULL DEFAULT true,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, version)
);
REVOKE UPDATE, DELETE, TRUNCATE ON access.policy FROM yong_serve;
CREATE TRIGGER told AFTER INSERT ON access.policy
    FOR EACH STATEMENT EXECUTE FUNCTION access.tell_changed();

-- The audit trail: written in the transaction of what it tells of, sealed into a hash chain shortly after.
CREATE TABLE access.audit_entry (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid      xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    account  text NOT NULL,
    party    text,
    request  text,
    action   text NOT NULL,
    resource text NOT NULL,
    facts    jsonb NOT NULL
);
CREATE INDEX ON access.audit_entry (at);
CREATE TABLE access.audit_seal (
    position bigint PRIMARY KEY,
    entry_id bigint NOT NULL UNIQUE,
    hash     bytea NOT NULL
);
-- Where the chain begins after old entries were pruned; before that it begins with nothing.
CREATE TABLE access.audit_start (
    position bigint PRIMARY KEY,
    hash     bytea NOT NULL,
    at       timestamptz NOT NULL DEFAULT now()
);
REVOKE UPDATE, DELETE, TRUNCATE ON access.audit_entry, access.audit_seal, access.audit_start FROM yong_serve;
REVOKE INSERT ON access.audit_start FROM yong_serve;
CREATE FUNCTION access.audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege'; END $$;
CREATE TRIGGER stays BEFORE UPDATE OR TRUNCATE ON access.audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_stays();
CREATE TRIGGER stays BEFORE UPDATE OR TRUNCATE ON access.audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_stays();
