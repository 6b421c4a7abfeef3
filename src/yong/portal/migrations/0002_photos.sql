-- Photos added to answers under way. They go with the answers, and once these are handed in.
CREATE TABLE portal.photo (
    id         text PRIMARY KEY,
    answers_id text NOT NULL REFERENCES portal.answers ON DELETE CASCADE,
    question   text NOT NULL,
    media_type text NOT NULL,
    content    bytea NOT NULL,
    added_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON portal.photo (answers_id, added_at);
