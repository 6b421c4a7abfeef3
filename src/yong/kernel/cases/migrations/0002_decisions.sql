-- Decisions on the shelf, as procedures are: one DMN file a version.
CREATE TABLE cases.decision (
    name     text NOT NULL,
    version  integer NOT NULL CHECK (version > 0),
    title    jsonb NOT NULL,
    dmn      text NOT NULL,
    sha256   bytea NOT NULL,
    state    text NOT NULL CHECK (state IN ('draft', 'live', 'retired')),
    made_by  text NOT NULL,
    made_at  timestamptz NOT NULL DEFAULT now(),
    live_at  timestamptz,
    PRIMARY KEY (name, version)
);
CREATE UNIQUE INDEX ON cases.decision (name) WHERE state = 'live';
