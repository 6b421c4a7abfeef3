-- What NGSI-LD knows of an entity beside its attributes: further types and its scopes ("/Ningbo/Haishu").
ALTER TABLE context.entity
    ADD COLUMN other_types text[] NOT NULL DEFAULT '{}',
    ADD COLUMN scopes      text[] NOT NULL DEFAULT '{}',
    -- An entity that was deleted and made again must not meet the version that somebody still knows of it.
    ALTER COLUMN version SET DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

-- Tenants by the standard's header, apart from what is the city's own (''). Made by the first write.
CREATE TABLE context.tenant (
    name    text PRIMARY KEY CHECK (name ~ '^[A-Za-z0-9_-]{1,64}$'),
    made_at timestamptz NOT NULL DEFAULT now()
);

-- JSON-LD contexts: users' own and copies of remote ones. `body` is an array of one, since it may be any JSON.
CREATE TABLE context.jsonld_context (
    id         text PRIMARY KEY,
    url        text NOT NULL UNIQUE,
    kind       text NOT NULL CHECK (kind IN ('Hosted', 'Cached')),
    body       jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz,
    uses       bigint NOT NULL DEFAULT 0
);

-- Newer values over a document, where attributes may have several instances: the default one is replaced.
CREATE FUNCTION context.merged(doc jsonb, newer jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT doc || coalesce((
        SELECT jsonb_object_agg(n.key, CASE WHEN jsonb_typeof(doc->n.key) = 'array'
            THEN jsonb_build_array(n.value) || coalesce((
                SELECT jsonb_agg(i.value ORDER BY i.ordinality) FROM jsonb_array_elements(doc->n.key)
                WITH ORDINALITY AS i WHERE i.value ? 'datasetId'), '[]')
            ELSE n.value END)
        FROM jsonb_each(newer) AS n), '{}')
$$;
