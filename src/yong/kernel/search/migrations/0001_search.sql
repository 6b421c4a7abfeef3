-- Which index belongs to this database, and how it is doing. One row. `sources` says from what it was made: when
-- that changes, when the folder is gone or is another one, and when somebody asks, it is made anew.
CREATE TABLE search.state (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    name       text,
    sources    text,
    rows       bigint NOT NULL DEFAULT 0,
    built_at   timestamptz,
    asked_at   timestamptz,
    rebuilding bigint
);
INSERT INTO search.state DEFAULT VALUES;

INSERT INTO store.outbox_reader (name, xid, id)
    SELECT 'search', xid, id FROM store.outbox_reader WHERE name = 'bus';
