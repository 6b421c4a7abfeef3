-- The serving role says what happened, never when or in which order.
REVOKE INSERT ON access.audit_entry FROM yong_serve;
GRANT INSERT (account, party, request, action, resource, facts) ON access.audit_entry TO yong_serve;

-- How far the sealer has come: every entry of a transaction before this one is in the chain. It only saves
-- the sealer work; a wrong value shows in a verification.
CREATE TABLE access.audit_settled (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    xid xid8 NOT NULL
);
INSERT INTO access.audit_settled (xid) VALUES ('0');
REVOKE INSERT, DELETE, TRUNCATE ON access.audit_settled FROM yong_serve;
CREATE INDEX ON access.audit_entry (xid);

-- The trail is read by who did it and by what it was done to.
CREATE INDEX ON access.audit_entry (account, id);
CREATE INDEX ON access.audit_entry (resource, id);
