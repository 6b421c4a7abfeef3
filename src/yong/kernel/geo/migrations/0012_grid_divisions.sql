-- How communities were divided into unit grids: what each division made, ended and kept. The grids are records
-- (geo.grid_cell); here is what is needed to read a division later and to take it back.
CREATE TABLE geo.division (
    id text PRIMARY KEY,
    community text NOT NULL,
    starts_on date NOT NULL,
    made text[] NOT NULL,                    -- codes, all of version 1
    ended jsonb NOT NULL,                    -- [{code, into: [code], version}], the version that ending it gave
    kept text[] NOT NULL,
    cornered jsonb NOT NULL,                 -- [{code, version, values}], kept grids whose border took a neighbour's corner, as before
    district text,
    owner_id text,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    undone_at timestamptz
);
CREATE INDEX ON geo.division (community, made_at);
