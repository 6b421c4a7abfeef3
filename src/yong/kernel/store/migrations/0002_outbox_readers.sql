-- Who reads the outbox, and how far each has come; a row goes when every reader has it.
CREATE TABLE store.outbox_reader (
    name text PRIMARY KEY,
    xid  xid8 NOT NULL DEFAULT '0',
    id   bigint NOT NULL DEFAULT 0
);
INSERT INTO store.outbox_reader (name) VALUES ('bus');
CREATE INDEX outbox_in_order ON store.outbox (xid, id);
