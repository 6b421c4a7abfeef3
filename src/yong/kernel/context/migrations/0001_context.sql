-- An entity as NGSI-LD has it (ETSI GS CIM 009), normalized, in one document; `location` is its point in degrees.
CREATE TABLE context.entity (
    tenant      text NOT NULL DEFAULT '',
    id          text NOT NULL,
    type        text NOT NULL,
    doc         jsonb NOT NULL DEFAULT '{}',
    owner_id    text,
    district    text,
    location    point,
    source      text NOT NULL DEFAULT 'live' CHECK (source IN ('live', 'replay', 'synthetic')),
    created_at  timestamptz NOT NULL DEFAULT now(),
    modified_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, id)
) WITH (fillfactor = 70);
CREATE INDEX entity_of_type ON context.entity (tenant, type, id);
CREATE INDEX entity_near ON context.entity USING gist (location);
