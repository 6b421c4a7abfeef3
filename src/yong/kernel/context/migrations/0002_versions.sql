-- A writer that knows the version it merged last need not read the document again: it says which version its
-- values go over. Documents of a few kilobytes stay in their row.
ALTER TABLE context.entity ADD COLUMN version bigint NOT NULL DEFAULT 0, SET (toast_tuple_target = 8160);

-- The Relation shows longitude and latitude; a box or a distance over them finds this index.
DROP INDEX context.entity_near;
CREATE INDEX entity_near ON context.entity USING gist (point(location[0], location[1]));
