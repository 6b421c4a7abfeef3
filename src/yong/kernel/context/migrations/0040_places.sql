-- Places of the city's own entities and of tenants' apart, as the two Relations read them: an index that says itself
-- whose entities it holds is never joined with the primary key, however little the planner knows of tenants yet.
DROP INDEX context.entity_near, context.entity_extent;
CREATE INDEX entity_near ON context.entity USING gist (point(location[0], location[1])) WHERE tenant = '';
CREATE INDEX entity_near_of_tenants ON context.entity USING gist (point(location[0], location[1])) WHERE tenant <> '';
CREATE INDEX entity_extent ON context.entity USING gist (box(point(extent[3], extent[4]), point(extent[1], extent[2])))
    WHERE extent IS NOT NULL AND tenant = '';
CREATE INDEX entity_extent_of_tenants
    ON context.entity USING gist (box(point(extent[3], extent[4]), point(extent[1], extent[2])))
    WHERE extent IS NOT NULL AND tenant <> '';
