-- Requests of other cities' Open311 endpoints: what became of each, and how far each endpoint was read.
CREATE TABLE cityops.remote_taken (
    source     text NOT NULL,
    remote_id  text NOT NULL,
    submission jsonb,       -- as it was first read, until it is a report: the same again is the same report
    reference  text,        -- of the report that it became
    status     text,
    fault      text,        -- why it became none
    updated_at timestamptz,
    seen_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, remote_id)
);
CREATE TABLE cityops.remote_look (
    source    text PRIMARY KEY,
    until     timestamptz,  -- what was updated before is read
    at        timestamptz NOT NULL,
    taken     integer NOT NULL,
    known     integer NOT NULL,
    passed    integer NOT NULL,
    fault     text
);
