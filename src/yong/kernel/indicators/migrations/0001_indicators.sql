-- Indicators that people keep: every version as it was written, and what was decided about it. Append-only.
CREATE TABLE indicators.kept (
    name    text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    body    jsonb NOT NULL,
    account text NOT NULL,
    roles   text[] NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, version)
);
CREATE TABLE indicators.decision (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name    text NOT NULL,
    version integer NOT NULL,
    what    text NOT NULL CHECK (what IN ('live', 'withdrawn')),
    account text NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (name, version) REFERENCES indicators.kept (name, version)
);
CREATE INDEX ON indicators.decision (name, id DESC);

-- What figures followed from, by its SHA-256; the computations, and their figures. Nothing here is ever changed: what
-- is computed again is another computation.
CREATE TABLE indicators.definition (
    sha256  text PRIMARY KEY,
    body    jsonb NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE indicators.computation (
    id          text PRIMARY KEY,
    name        text NOT NULL,
    period      text NOT NULL,
    starts_on   date NOT NULL,
    ends_on     date NOT NULL,
    breakdown   text NOT NULL,
    known_at    timestamptz NOT NULL,
    computed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    complete    boolean NOT NULL,
    rows        bigint NOT NULL,
    checksum    text NOT NULL,
    definition  text NOT NULL REFERENCES indicators.definition (sha256),
    account     text NOT NULL
);
CREATE INDEX ON indicators.computation (name, breakdown, period, known_at DESC);
CREATE TABLE indicators.frozen_figure (
    computation text NOT NULL REFERENCES indicators.computation (id),
    cell        text NOT NULL,
    value       double precision,
    numerator   double precision,
    denominator double precision,
    grade       text,
    counts      jsonb NOT NULL,
    owner_id    text,
    district    text NOT NULL,
    PRIMARY KEY (computation, cell)
);
CREATE FUNCTION indicators.stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a figure and what it followed from stay' USING ERRCODE = 'insufficient_privilege'; END $$;
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['kept', 'decision', 'definition', 'computation', 'frozen_figure'] LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON indicators.%I FROM yong_serve', name);
        EXECUTE format('CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON indicators.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION indicators.stays()', name);
    END LOOP;
END $$;
