-- How each thing is doing: written with every batch, so it is counters and moments only.
CREATE TABLE sensing.thing_state (
    thing        text PRIMARY KEY,
    last_seen_at timestamptz,
    readings     bigint NOT NULL DEFAULT 0,
    repeated     bigint NOT NULL DEFAULT 0,
    errors       bigint NOT NULL DEFAULT 0,
    last_error   text
) WITH (fillfactor = 50);

-- Messages that could not be taken in, kept with their reason until somebody replays or discards them.
CREATE TABLE sensing.dead_letter (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    thing       text NOT NULL,
    adapter     text NOT NULL,
    payload     bytea NOT NULL,
    size        int NOT NULL,
    code        text NOT NULL,
    reason_zh   text NOT NULL,
    reason_en   text NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    replayed_at timestamptz
);
CREATE INDEX dead_letter_of_thing ON sensing.dead_letter (thing, id DESC);
