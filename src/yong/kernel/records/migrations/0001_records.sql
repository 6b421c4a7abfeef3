-- Code lists with validity, and the answers to creations that named an Idempotency-Key.
CREATE TABLE records.code (
  list text NOT NULL,
  code text NOT NULL,
  zh text NOT NULL,
  en text NOT NULL,
  parent text,
  valid_from date NOT NULL DEFAULT '0001-01-01',
  valid_to date CHECK (valid_to > valid_from),
  PRIMARY KEY (list, code, valid_from)
);

CREATE TABLE records.idempotency (
  account text NOT NULL,
  key text NOT NULL CHECK (length(key) <= 255),
  digest bytea NOT NULL,
  id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account, key)
);
CREATE INDEX ON records.idempotency (created_at);

-- The box around a GeoJSON geometry, in degrees: tables index it, so that areas are searched without PostGIS.
CREATE FUNCTION records.box_of(geometry jsonb) RETURNS box
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT SET search_path = pg_catalog AS $$
  SELECT box(point(max((p->>0)::float8), max((p->>1)::float8)), point(min((p->>0)::float8), min((p->>1)::float8)))
  FROM jsonb_path_query(geometry, 'strict $.coordinates.**') AS p
  WHERE jsonb_typeof(p) = 'array' AND jsonb_typeof(p->0) = 'number'
$$;
