-- What queries need beside the document. `extent` follows it: west, south, east, north of a location that is more
-- than a point.
CREATE FUNCTION context.extent_of(location jsonb) RETURNS float8[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
$$ SELECT CASE WHEN count(*) > 0 THEN ARRAY[min((p->>0)::float8), min((p->>1)::float8), max((p->>0)::float8),
                                            max((p->>1)::float8)] END
   FROM jsonb_path_query(location, 'strict $.** ? (@.type() == "array" && @[0].type() == "number"
                                                   && @[1].type() == "number")') AS p $$;

ALTER TABLE context.entity
    ADD COLUMN extent float8[] GENERATED ALWAYS AS (
        CASE WHEN doc->'location' IS NULL OR doc->'location'->'value'->>'type' = 'Point' THEN NULL
             ELSE context.extent_of(doc->'location') END) STORED;

CREATE INDEX entity_of_types ON context.entity (tenant, id) WHERE other_types <> '{}';
CREATE INDEX entity_of_scopes ON context.entity USING gin (scopes) WHERE scopes <> '{}';
CREATE INDEX entity_extent ON context.entity USING gist (box(point(extent[3], extent[4]), point(extent[1], extent[2])))
    WHERE extent IS NOT NULL;

-- A moment, day or time of day as clause 4.6.3 of ETSI GS CIM 009 writes them, as a text that sorts in time.
CREATE FUNCTION context.moment_key(value jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
$$ SELECT CASE WHEN jsonb_typeof(value) <> 'string' THEN NULL
     WHEN value #>> '{}' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d{1,6})?Z$'
       THEN 'm' || left(value #>> '{}', 19) || rpad(trim(trailing 'Z' FROM substr(value #>> '{}', 21)), 6, '0')
     WHEN value #>> '{}' ~ '^\d{4}-\d\d-\d\d$' THEN 'd' || (value #>> '{}')
     WHEN value #>> '{}' ~ '^\d\d:\d\d:\d\d([.,]\d{1,6})?Z$'
       THEN 't' || left(value #>> '{}', 8) || rpad(trim(trailing 'Z' FROM substr(value #>> '{}', 10)), 6, '0')
   END $$;

-- Metres between two places in degrees, over the mean sphere: as context.logic.distance_m.
CREATE FUNCTION context.metres(x1 float8, y1 float8, x2 float8, y2 float8) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT 12742016 * asin(sqrt(least(1.0, sin(radians(y2 - y1) / 2) ^ 2
          + cos(radians(y1)) * cos(radians(y2)) * sin(radians(x2 - x1) / 2) ^ 2))) $$;
