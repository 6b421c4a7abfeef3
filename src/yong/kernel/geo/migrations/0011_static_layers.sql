-- Files of features handed in for static layers. The layer itself is a record (geo.layer), which refers to the archive by
-- its digest; the archives lie in the home folder.
CREATE TABLE geo.layer_build (
    id text PRIMARY KEY,
    layer text NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'done', 'failed', 'replaced')),
    format text NOT NULL,
    datum text NOT NULL,
    bytes bigint NOT NULL,
    features integer NOT NULL,
    unplaced integer NOT NULL,
    positions integer NOT NULL,
    valid_from date NOT NULL,                -- of the tiles, as of the record that they belong to
    valid_to date,
    account text NOT NULL,                   -- who handed it in, with which roles and purpose: it is done under them
    roles text[] NOT NULL,
    purpose text,
    ordered_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    problem jsonb,                           -- {zh, en}
    archive text,                            -- SHA-256, as soon as it is built
    archive_bytes bigint,
    tiles bigint,
    min_zoom integer,
    max_zoom integer
);
CREATE INDEX ON geo.layer_build (layer, ordered_at);
CREATE INDEX ON geo.layer_build (archive) WHERE archive IS NOT NULL;
