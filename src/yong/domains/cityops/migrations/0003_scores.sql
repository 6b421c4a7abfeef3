-- What is scored: the course of cases, the turns of the units that handle them, and what posts did. Each state of a row
-- stays with the time during which it held as known, so that figures can be computed again.
CREATE TABLE cityops.course_history (
    case_id     text NOT NULL,
    number      text NOT NULL,
    class       text,
    source      text NOT NULL,
    district    text NOT NULL,
    cell        text,
    owner_id    text NOT NULL,
    unit_id     text,
    opened_at   timestamptz NOT NULL,
    filed_at    timestamptz,
    rejected_at timestamptz,
    due_at      timestamptz,
    handled_at  timestamptz,
    closed_at   timestamptz,
    state       text NOT NULL,
    outcome     text,
    in_time     boolean NOT NULL,
    reworks     integer NOT NULL,
    returns     integer NOT NULL,
    recorded_from timestamptz NOT NULL,
    recorded_to timestamptz
);
CREATE INDEX ON cityops.course_history (case_id) WHERE recorded_to IS NULL;
CREATE INDEX ON cityops.course_history (opened_at);
CREATE INDEX ON cityops.course_history (due_at);

CREATE TABLE cityops.turn_history (
    task        text NOT NULL,
    case_id     text NOT NULL,
    number      text NOT NULL,
    class       text,
    district    text NOT NULL,
    unit_id     text NOT NULL,
    begun_at    timestamptz NOT NULL,
    due_at      timestamptz,
    ended_at    timestamptz,
    outcome     text,
    handled     boolean NOT NULL,
    in_time     boolean NOT NULL,
    reworked    boolean NOT NULL,
    returned    boolean NOT NULL,
    theirs      boolean NOT NULL,
    hours       double precision,
    recorded_from timestamptz NOT NULL,
    recorded_to timestamptz
);
CREATE INDEX ON cityops.turn_history (task) WHERE recorded_to IS NULL;
CREATE INDEX ON cityops.turn_history (begun_at);
CREATE INDEX ON cityops.turn_history (due_at);
CREATE INDEX ON cityops.turn_history (ended_at);

CREATE TABLE cityops.deed_history (
    task        text NOT NULL,
    case_id     text NOT NULL,
    number      text NOT NULL,
    district    text NOT NULL,
    owner_id    text NOT NULL,
    post        text NOT NULL,
    element     text NOT NULL,
    outcome     text,
    begun_at    timestamptz NOT NULL,
    done_at     timestamptz NOT NULL,
    hours       double precision NOT NULL,
    effective   boolean NOT NULL,
    recorded_from timestamptz NOT NULL,
    recorded_to timestamptz
);
CREATE INDEX ON cityops.deed_history (task) WHERE recorded_to IS NULL;
CREATE INDEX ON cityops.deed_history (done_at);

INSERT INTO store.outbox_reader (name, xid, id)
    SELECT 'cityops_scores', xid, id FROM store.outbox_reader WHERE name = 'bus';
