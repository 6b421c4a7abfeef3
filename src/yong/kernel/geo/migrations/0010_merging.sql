-- Merging component coordinates. Tables of this module's own: a run changes a hundred thousand components and their
-- links in one transaction and is undone as one, which the writes of records, one record each, do not offer.
CREATE TABLE geo.merge_plan (
    name text PRIMARY KEY,
    plan jsonb NOT NULL,
    version bigint NOT NULL DEFAULT 1,       -- grows with every change of plan, files, decisions or merged set
    head text,                               -- the run that the merged set stands on
    model jsonb,                             -- the weights that the head worked with
    owner_id text,
    district text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE geo.merge_point (               -- what was sent as a file, in the source's own words and system
    merging text NOT NULL REFERENCES geo.merge_plan (name),
    source text NOT NULL,
    record text NOT NULL,
    x double precision,
    y double precision,
    name text,
    class text,
    district text,
    code text,
    PRIMARY KEY (merging, source, record)
);
CREATE TABLE geo.merge_run (
    id text PRIMARY KEY,
    merging text NOT NULL REFERENCES geo.merge_plan (name),
    kind text NOT NULL CHECK (kind IN ('merge', 'split')),
    state text NOT NULL CHECK (state IN ('waiting', 'done', 'held', 'failed', 'undone')),
    wanted jsonb NOT NULL,
    account text NOT NULL,                   -- who ordered it, with which roles and purpose: it is done under them
    roles text[] NOT NULL,
    purpose text,
    ordered_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    report jsonb,
    problem jsonb,                           -- {zh, en}
    head_before text,
    model_before jsonb
);
CREATE INDEX ON geo.merge_run (merging, ordered_at);
CREATE TABLE geo.merge_component (
    id text PRIMARY KEY,
    merging text NOT NULL REFERENCES geo.merge_plan (name),
    class text,
    name text,
    lon double precision NOT NULL,           -- degrees of CGCS2000
    lat double precision NOT NULL,
    geometry jsonb NOT NULL,                 -- the same as GeoJSON, as Relations have it, with its index
    accuracy_m double precision NOT NULL,    -- root mean square of the planar error
    confidence double precision NOT NULL,
    records integer NOT NULL,
    district text,
    owner_id text,
    run text NOT NULL,                       -- that changed it last
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX ON geo.merge_component (merging);
CREATE INDEX ON geo.merge_component USING gist (records.box_of(geometry));
CREATE TABLE geo.merge_link (                -- a source record in its component, as it was when it was merged
    merging text NOT NULL REFERENCES geo.merge_plan (name),
    source text NOT NULL,
    record text NOT NULL,
    component text NOT NULL,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    accuracy_m double precision NOT NULL,
    offset_m double precision NOT NULL,
    name text,
    class text,
    district text,
    PRIMARY KEY (merging, source, record)
);
CREATE INDEX ON geo.merge_link (component);
CREATE TABLE geo.merge_before (              -- what a run found of the components that it changed; null: there was none
    run text NOT NULL REFERENCES geo.merge_run (id),
    component text NOT NULL,
    was jsonb,
    links jsonb,
    PRIMARY KEY (run, component)
);
CREATE TABLE geo.merge_doubt (
    run text NOT NULL REFERENCES geo.merge_run (id),
    number integer NOT NULL,                 -- by falling probability
    a_source text NOT NULL,
    a_record text NOT NULL,
    b_source text NOT NULL,
    b_record text NOT NULL,
    doubt jsonb NOT NULL,
    PRIMARY KEY (run, number)
);
CREATE TABLE geo.merge_decision (            -- (a_source, a_record) < (b_source, b_record)
    merging text NOT NULL REFERENCES geo.merge_plan (name),
    a_source text NOT NULL,
    a_record text NOT NULL,
    b_source text NOT NULL,
    b_record text NOT NULL,
    same boolean NOT NULL,
    note text,
    account text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merging, a_source, a_record, b_source, b_record)
);
