-- What things were told to do, and what came of it. Rows are the history: nothing deletes them.
CREATE TABLE sensing.command (
    id text PRIMARY KEY,
    thing text NOT NULL,
    name text NOT NULL,
    arguments jsonb NOT NULL,
    state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'sent', 'acknowledged', 'failed', 'timed_out', 'expired')),
    by_account text NOT NULL,
    idempotency_key text,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    sent_at timestamptz,
    ended_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    answer jsonb
);
CREATE INDEX command_of_thing ON sensing.command (thing, id DESC);
CREATE INDEX command_waiting ON sensing.command (expires_at) WHERE state IN ('queued', 'sent');
CREATE UNIQUE INDEX command_once ON sensing.command (by_account, thing, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
REVOKE DELETE ON sensing.command FROM yong_serve;
