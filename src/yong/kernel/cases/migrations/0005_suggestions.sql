-- What was learned from the past cases of a procedure, a version each time: what it was learned from and how good it was
-- (`head`) is kept of all, the counts themselves (`body`) of the newest alone.
CREATE TABLE cases.learned (
    procedure text NOT NULL,
    version   integer NOT NULL CHECK (version > 0),
    made_at   timestamptz NOT NULL DEFAULT now(),
    made_by   text NOT NULL,
    head      jsonb NOT NULL,
    body      bytea,
    PRIMARY KEY (procedure, version)
);
