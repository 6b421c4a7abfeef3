-- Days lie between 440 days ago (400, and what a dead letter may have waited) and two days ahead: a thing whose
-- clock is wrong makes no partitions. What was
-- observed is not changed afterwards, so the serving role may add and read, no more.
CREATE OR REPLACE FUNCTION history.ensure_day(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name  text   := 'observation_' || to_char(day, 'YYYYMMDD');
    start bigint := extract(epoch FROM day::timestamp AT TIME ZONE 'UTC')::bigint * 1000000;
    today date   := (now() AT TIME ZONE 'UTC')::date;
BEGIN
    IF day < today - 440 OR day > today + 2 THEN
        RAISE EXCEPTION 'no partition for %', day USING ERRCODE = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('history.ensure_day'));
    IF to_regclass('history.' || name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE history.%I (LIKE history.observation INCLUDING ALL)', name);
    EXECUTE format('ALTER TABLE history.observation ATTACH PARTITION history.%I FOR VALUES FROM (%s) TO (%s)',
                   name, start, start + 86400000000);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON history.%I FROM yong_serve', name);
END $$;
REVOKE EXECUTE ON FUNCTION history.ensure_day(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION history.ensure_day(date) TO yong_serve;

DO $$
DECLARE part regclass;
BEGIN
    FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'history.observation'::regclass LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM yong_serve', part);
    END LOOP;
END $$;
REVOKE UPDATE, DELETE ON history.observation, history.series FROM yong_serve;
