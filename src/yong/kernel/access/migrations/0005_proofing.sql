-- How far it was checked who an account's holder is (实名), and who checked it; the newest line counts.
ALTER TABLE access.account ADD COLUMN proofing smallint NOT NULL DEFAULT 0 CHECK (proofing BETWEEN 0 AND 3);
CREATE TABLE access.proofing (
    id         text PRIMARY KEY,
    account_id text NOT NULL REFERENCES access.account,
    method     text NOT NULL,
    level      smallint NOT NULL CHECK (level BETWEEN 0 AND 3),
    proved_by  text NOT NULL,
    proved_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON access.proofing (account_id, proved_at);
REVOKE UPDATE, DELETE, TRUNCATE ON access.proofing FROM yong_serve;
CREATE TRIGGER told_proofing AFTER UPDATE OF proofing ON access.account
    FOR EACH STATEMENT EXECUTE FUNCTION access.tell_changed();
