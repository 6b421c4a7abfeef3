-- What was told: the kind and its values, written in the transaction of the fact; words are made when somebody reads.
-- The same kind and key is the same telling.
CREATE TABLE messaging.message (
    id         text PRIMARY KEY,
    kind       text NOT NULL,
    key        text NOT NULL,
    values     jsonb NOT NULL,
    about_kind text,
    about_id   text,
    told       integer NOT NULL DEFAULT 0,
    made_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (kind, key)
);
CREATE INDEX ON messaging.message (made_at);

-- Whose inbox holds it, and when it was read there.
CREATE TABLE messaging.received (
    account text NOT NULL,
    message text NOT NULL REFERENCES messaging.message ON DELETE CASCADE,
    read_at timestamptz,
    PRIMARY KEY (account, message)
);
CREATE INDEX ON messaging.received (message);
CREATE INDEX received_unread ON messaging.received (account) WHERE read_at IS NULL;

-- Letters by other channels: each goes once, is tried again, and in the end waits as a dead job.
CREATE TABLE messaging.delivery (
    id       text PRIMARY KEY,
    message  text NOT NULL REFERENCES messaging.message ON DELETE CASCADE,
    account  text NOT NULL,
    channel  text NOT NULL,
    state    text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed', 'withdrawn')),
    attempts integer NOT NULL DEFAULT 0,
    failure  text,
    made_at  timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    UNIQUE (message, account, channel)
);

-- Where somebody can be reached, one address a channel; it counts once its code was told. The code itself is nowhere:
-- it follows from the nonce and a secret of the install.
CREATE TABLE messaging.contact (
    account     text NOT NULL,
    channel     text NOT NULL,
    address     text NOT NULL,
    language    text NOT NULL CHECK (language IN ('zh', 'en')),
    nonce       text,
    code_until  timestamptz,
    tries       integer NOT NULL DEFAULT 0,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    verified_at timestamptz,
    PRIMARY KEY (account, channel)
);
CREATE TABLE messaging.code_asked (
    account        text NOT NULL,
    address_sha256 bytea NOT NULL,
    at             timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON messaging.code_asked (account, at);
CREATE INDEX ON messaging.code_asked (address_sha256, at);

-- What somebody chose. Without a line the inbox takes a kind, and no other channel does.
CREATE TABLE messaging.choice (
    account text NOT NULL,
    channel text NOT NULL,
    kind    text NOT NULL,
    wanted  boolean NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, channel, kind)
);

INSERT INTO store.outbox_reader (name, xid, id)
    SELECT 'messages', xid, id FROM store.outbox_reader WHERE name = 'bus';
