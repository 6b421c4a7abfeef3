-- An index over values that no reading pays for. An index over attributes of `entity` would cost every update its
-- place (HOT). So values are indexed beside it, of attributes that are asked for, and only of entities that stay as
-- they are for a while: these are `settled`. Whatever changes an entity takes that back, and queries look at those
-- that are not settled one by one, as at all of them before.
ALTER TABLE context.entity ADD COLUMN settled boolean NOT NULL DEFAULT FALSE;
CREATE INDEX entity_unsettled ON context.entity (tenant, type, id) WHERE NOT settled;

-- Attributes by whose values entities of a type are asked for. From `ready_at` on every settled entity of the type
-- has its values below. As of the last turn: `counts` are entities by key, of strings all in one; `least` and `most`
-- are of its numbers.
CREATE TABLE context.sought (
    slot      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type      text NOT NULL,
    attribute text NOT NULL,
    asked_at  timestamptz NOT NULL DEFAULT now(),
    ready_at  timestamptz,
    counts    jsonb NOT NULL DEFAULT '{}',
    least     float8,
    most      float8,
    UNIQUE (type, attribute)
);

-- What a settled entity of the city's own holds there. Rows may outlive what they say, since nobody believes them:
-- an entity is looked at before it is shown. `value` is that of a number.
CREATE TABLE context.sought_value (
    id    text NOT NULL,
    slot  integer NOT NULL,
    key   bigint NOT NULL,
    value float8,
    PRIMARY KEY (id, slot)
);
CREATE INDEX sought_value_found ON context.sought_value (slot, key, id) INCLUDE (value);

-- The key of an attribute as it is stored: of a number its range among `bounds`, of a text its hash, of a truth value
-- itself; 1002 of all else, which is looked at whatever is asked.
CREATE FUNCTION context.sought_key(attribute jsonb, bounds float8[]) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT CASE
        WHEN jsonb_typeof(attribute) <> 'object' OR attribute ?| '{valueList,json,languageMap,vocab,objectList}' THEN 1002
        WHEN attribute ? 'object' THEN CASE
            WHEN attribute ? 'value' OR jsonb_typeof(attribute->'object') <> 'string' THEN 1002
            ELSE hashtextextended(attribute->>'object', 0) | (1::bigint << 62) END
        ELSE CASE jsonb_typeof(attribute->'value')
            WHEN 'number' THEN CASE
                WHEN (attribute->>'value')::numeric = 0 OR abs((attribute->>'value')::numeric) BETWEEN 1e-300 AND 1e300
                THEN width_bucket((attribute->>'value')::float8, bounds) ELSE 1002 END
            WHEN 'string' THEN hashtextextended(attribute->>'value', 0) | (1::bigint << 62)
            WHEN 'boolean' THEN 1000 + (attribute->>'value')::boolean::int
            ELSE 1002 END
        END
$$;
