-- How far the writer has committed the bus's stream, in the transaction of what it committed.
-- `created` tells one life of the stream from the next, `consumer` one writer from the next.
CREATE TABLE sensing.bus_position (
    stream text PRIMARY KEY,
    created text NOT NULL,
    consumer text NOT NULL,
    seq bigint NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now()
);

-- What the gate says of itself, for `yong status` and every other process. One row.
CREATE TABLE sensing.gate (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    open boolean NOT NULL,
    code text NOT NULL,
    reason_zh text NOT NULL,
    reason_en text NOT NULL,
    since timestamptz NOT NULL,
    checked_at timestamptz NOT NULL,
    admitted bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    probe text NOT NULL DEFAULT ''
);
INSERT INTO sensing.gate (open, code, reason_zh, reason_en, since, checked_at)
VALUES (false, 'not-started', '尚未启动', 'not started yet', now(), now());

-- Whether a thing is connected, and what its connections did wrong.
CREATE TABLE sensing.presence (
    thing text PRIMARY KEY,
    online boolean NOT NULL DEFAULT false,
    connections integer NOT NULL DEFAULT 0,
    connected_at timestamptz,
    disconnected_at timestamptz,
    left_because text NOT NULL DEFAULT '',
    said text NOT NULL DEFAULT '',
    said_at timestamptz,
    violations bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0
);
