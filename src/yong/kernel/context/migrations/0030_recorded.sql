-- How records of other modules are shown as entities: their moments as the standard writes them, and their keys
-- within their URNs (as yong.kernel.context.recorded.urns has it).
CREATE FUNCTION context.moment_text(moment timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE STRICT AS
$$ SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;

CREATE FUNCTION context.urn_part(key text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE STRICT AS
$$ SELECT CASE WHEN key ~ '^[-A-Za-z0-9_.:]*$' COLLATE "C" THEN key ELSE (
     SELECT string_agg(CASE WHEN c ~ '^[-A-Za-z0-9_.:]$' COLLATE "C" OR (ascii(c) > 127 AND ascii(c) <> ALL (ARRAY[
         133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201, 8202, 8232, 8233, 8239, 8287, 12288]))
       THEN c ELSE regexp_replace(upper(encode(convert_to(c, 'UTF8'), 'hex')), '(..)', '%\1', 'g') END, '' ORDER BY n)
     FROM regexp_split_to_table(key, '') WITH ORDINALITY AS s (c, n)) END $$;
