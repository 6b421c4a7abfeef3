-- Procedures on the shelf: one file a version, and the places where a case may stand alone, as they were
-- found when it was shelved.
CREATE TABLE cases.procedure (
    name     text NOT NULL,
    version  integer NOT NULL CHECK (version > 0),
    title    jsonb NOT NULL,
    bpmn     text NOT NULL,
    sha256   bytea NOT NULL,
    places   text[] NOT NULL,
    state    text NOT NULL CHECK (state IN ('draft', 'live', 'retired')),
    made_by  text NOT NULL,
    made_at  timestamptz NOT NULL DEFAULT now(),
    live_at  timestamptz,
    PRIMARY KEY (name, version)
);
CREATE UNIQUE INDEX ON cases.procedure (name) WHERE state = 'live';

-- Cases (案卷). `marking` is where the case stands in its procedure; `data` what was said of it on the way; `owner_id` the
-- party in charge of the procedure's work, `unit_id` the one that handles it now. `due_at` and the two before it are
-- those of the clock that runs; none while it is stopped, or where no calendar reaches so far (`due_unknown`).
CREATE SEQUENCE cases.number;
CREATE TABLE cases.case_file (
    id          text PRIMARY KEY,
    number      text NOT NULL UNIQUE,
    procedure   text NOT NULL,
    version     integer NOT NULL,
    marking     text NOT NULL,
    stage       text NOT NULL,
    state       text NOT NULL CHECK (state IN ('open', 'suspended', 'closed', 'merged')),
    outcome     text,
    title       text NOT NULL,
    description text,
    class       text,
    source      text NOT NULL,
    urgent      boolean NOT NULL DEFAULT false,
    supervised  boolean NOT NULL DEFAULT false,
    owner_id    text NOT NULL,
    unit_id     text,
    handler_id  text GENERATED ALWAYS AS (coalesce(unit_id, owner_id)) STORED,
    district    text NOT NULL DEFAULT '',
    cell        text,
    place       text,
    location    jsonb,
    spot        point,
    reporter    text,
    contact     text,
    data        jsonb NOT NULL DEFAULT '{}',
    merged_into text REFERENCES cases.case_file (id),
    opened_at   timestamptz NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    closed_at   timestamptz,
    due_at      timestamptz,
    hint_at     timestamptz,
    yellow_at   timestamptz,
    due_unknown boolean NOT NULL DEFAULT false,
    revision    integer NOT NULL DEFAULT 1,
    asked_key   text UNIQUE,
    FOREIGN KEY (procedure, version) REFERENCES cases.procedure (name, version)
);
CREATE INDEX ON cases.case_file (opened_at DESC, id);
CREATE INDEX ON cases.case_file (handler_id, opened_at DESC);
CREATE INDEX ON cases.case_file (due_at) WHERE state = 'open' AND due_at IS NOT NULL;
CREATE INDEX ON cases.case_file (reporter) WHERE reporter IS NOT NULL;
CREATE INDEX ON cases.case_file (class, opened_at DESC);
CREATE INDEX ON cases.case_file USING gist (spot) WHERE state IN ('open', 'suspended');
CREATE INDEX ON cases.case_file (merged_into) WHERE merged_into IS NOT NULL;

-- What is to be done, by whom: one row an element that waits; a part of it for each unit where several work side by side.
CREATE TABLE cases.task (
    id        text PRIMARY KEY,
    case_id   text NOT NULL REFERENCES cases.case_file (id),
    element   text NOT NULL,
    role      text,
    party     text,
    assignee  text,
    state     text NOT NULL CHECK (state IN ('open', 'done', 'dropped')),
    outcome   text,
    district  text NOT NULL DEFAULT '',
    urgent    boolean NOT NULL DEFAULT false,
    opened_at timestamptz NOT NULL,
    due_at    timestamptz,
    fires_at  timestamptz,
    done_at   timestamptz,
    done_by   text
);
CREATE INDEX ON cases.task (case_id);
-- An inbox is what is due first of a district, of a unit, or of all; who sits at several desks reads several roles.
CREATE INDEX ON cases.task (due_at, id) WHERE state = 'open';
CREATE INDEX ON cases.task (district, due_at, id) WHERE state = 'open';
CREATE INDEX ON cases.task (party, due_at, id) WHERE state = 'open';
CREATE INDEX ON cases.task (assignee, due_at, id) WHERE state = 'open' AND assignee IS NOT NULL;
CREATE INDEX ON cases.task (fires_at) WHERE state = 'open' AND fires_at IS NOT NULL;

-- Clocks of a case, as `kernel/cases/clocks` has them.
CREATE TABLE cases.clock (
    case_id    text NOT NULL REFERENCES cases.case_file (id),
    name       text NOT NULL,
    clock      jsonb NOT NULL,
    running    boolean NOT NULL,
    told       text NOT NULL DEFAULT 'green' CHECK (told IN ('green', 'hint', 'yellow', 'red')),
    next_at    timestamptz,
    PRIMARY KEY (case_id, name)
);
CREATE INDEX ON cases.clock (next_at) WHERE running AND next_at IS NOT NULL;

-- Everything a case went through. Append-only.
CREATE TABLE cases.log (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id  text NOT NULL,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    what     text NOT NULL,
    element  text,
    outcome  text,
    account  text NOT NULL,
    party    text,
    note     text,
    facts    jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX ON cases.log (case_id, id);
CREATE INDEX ON cases.log (at);
REVOKE UPDATE, DELETE, TRUNCATE ON cases.log FROM yong_serve;
CREATE FUNCTION cases.log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'what a case went through is append-only' USING ERRCODE = 'insufficient_privilege'; END $$;
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON cases.log
    FOR EACH STATEMENT EXECUTE FUNCTION cases.log_stays();

-- Requests to extend or suspend that wait for a yes; cases that are about the same, or papers and things that belong.
CREATE TABLE cases.request (
    id         text PRIMARY KEY,
    case_id    text NOT NULL REFERENCES cases.case_file (id),
    kind       text NOT NULL CHECK (kind IN ('extend', 'suspend')),
    amount     integer,
    reason     text NOT NULL,
    by_account text NOT NULL,
    by_party   text,
    made_at    timestamptz NOT NULL DEFAULT now(),
    answer     text CHECK (answer IN ('granted', 'refused')),
    answered_by text,
    answered_at timestamptz
);
CREATE UNIQUE INDEX ON cases.request (case_id, kind) WHERE answer IS NULL;
CREATE TABLE cases.link (
    case_id text NOT NULL REFERENCES cases.case_file (id),
    kind    text NOT NULL,
    target  text NOT NULL,
    title   text NOT NULL DEFAULT '',
    by_account text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (case_id, kind, target)
);
