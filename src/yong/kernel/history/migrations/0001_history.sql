-- A series is one attribute of one entity in one unit; everything else refers to its number.
CREATE TABLE history.series (
    id        int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant    text NOT NULL DEFAULT '',
    entity    text NOT NULL,
    attribute text NOT NULL,
    dataset   text NOT NULL DEFAULT '',
    unit      text NOT NULL DEFAULT '',
    UNIQUE (tenant, entity, attribute, dataset, unit)
);

-- Times are microseconds of UTC since 1970: exact, small, and fast in every engine that will read them.
-- A number stands in `value`, anything else in `other`; `hash` tells values of one moment apart.
CREATE TABLE history.observation (
    series      int    NOT NULL,
    observed_at bigint NOT NULL,
    value       double precision,
    other       jsonb,
    hash        bigint NOT NULL,
    received_at bigint NOT NULL,
    CHECK ((value IS NULL) <> (other IS NULL))
) PARTITION BY RANGE (observed_at);
CREATE UNIQUE INDEX observation_once ON history.observation (series, observed_at, hash);

-- The partition of a UTC day, made when its first reading comes. The serving role may call this and no more.
CREATE FUNCTION history.ensure_day(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name  text   := 'observation_' || to_char(day, 'YYYYMMDD');
    start bigint := extract(epoch FROM day::timestamp AT TIME ZONE 'UTC')::bigint * 1000000;
BEGIN
    IF day < date '1990-01-01' OR day > current_date + 2 THEN
        RAISE EXCEPTION 'no partition for %', day USING ERRCODE = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('history.ensure_day'));
    IF to_regclass('history.' || name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE history.%I (LIKE history.observation INCLUDING ALL)', name);
    EXECUTE format('ALTER TABLE history.observation ATTACH PARTITION history.%I FOR VALUES FROM (%s) TO (%s)',
                   name, start, start + 86400000000);
END $$;
