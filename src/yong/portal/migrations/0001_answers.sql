-- Answers under way: a visit (by its cookie) and a service have one set, for an hour. Once they are handed in,
-- nothing of them is left here but the receipt.
CREATE TABLE portal.answers (
    id           text PRIMARY KEY,            -- the key of the submission
    visit_sha256 bytea NOT NULL,
    service      text NOT NULL,
    written      jsonb NOT NULL DEFAULT '{}', -- as it was written, by box
    answered     text[] NOT NULL DEFAULT '{}',
    receipt      jsonb,
    created_at   timestamptz NOT NULL DEFAULT now(),
    seen_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (visit_sha256, service)
);
CREATE INDEX ON portal.answers (seen_at);
