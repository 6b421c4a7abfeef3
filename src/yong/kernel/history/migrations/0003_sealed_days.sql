-- A sealed day lies in one Parquet file of the cold folder. The file's name never means other bytes: a day that is
-- sealed again gets a new file, and this row says which one counts.
CREATE TABLE history.sealed_day (
    day       date   PRIMARY KEY,
    file      text   NOT NULL UNIQUE CHECK (file ~ '^[0-9]{4}/[0-9]{8}-[0-9a-f]{16}\.parquet$'),
    rows      bigint NOT NULL CHECK (rows > 0),
    bytes     bigint NOT NULL CHECK (bytes > 0),
    sha256    text   NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    checksum  numeric NOT NULL, -- the sum of the rows' hashes
    first_at  bigint NOT NULL,
    last_at   bigint NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT now()
);
REVOKE INSERT, UPDATE, DELETE ON history.sealed_day FROM yong_serve;

-- Who writes into a day that may be sealed meanwhile holds it to the end of its transaction; it stands then.
CREATE FUNCTION history.hold_day(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1497890817, day - date '1970-01-01');
    IF to_regclass('history.observation_' || to_char(day, 'YYYYMMDD')) IS NULL THEN
        PERFORM history.ensure_day(day);
    END IF;
END $$;

-- The days that have a hot partition.
CREATE FUNCTION history.hot_days() RETURNS SETOF date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT to_date(right(c.relname, 8), 'YYYYMMDD') FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'history.observation'::regclass ORDER BY 1
$$;

-- Waits for the whole of history in short turns, so that whoever reads or writes waits a tenth of a second at most.
CREATE FUNCTION history.take_turn() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
BEGIN
    FOR turn IN 1..50 LOOP
        BEGIN
            LOCK TABLE ONLY history.observation IN ACCESS EXCLUSIVE MODE;
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM pg_sleep(0.1);
        END;
    END LOOP;
    RAISE EXCEPTION 'history is being read' USING ERRCODE = 'lock_not_available';
END $$;

-- The one step that counts: the file takes the partition's place. The partition goes only if it holds exactly
-- what the file was made of (`hot_*`), nothing came since, and the day is over for good. False: begin again.
CREATE FUNCTION history.seal_day(
    sealing date, was text, hot_rows bigint, hot_checksum numeric, hot_first bigint, hot_last bigint,
    new_file text, new_rows bigint, new_bytes bigint, new_sha256 text, new_checksum numeric,
    new_first bigint, new_last bigint
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := 'observation_' || to_char(sealing, 'YYYYMMDD');
    found_rows bigint := 0; found_checksum numeric := 0; found_first bigint; found_last bigint;
BEGIN
    IF sealing IS NULL OR sealing >= (now() AT TIME ZONE 'UTC')::date - 1 THEN
        RAISE EXCEPTION 'the day % is not over', sealing USING ERRCODE = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(1497890817, sealing - date '1970-01-01');
    IF (SELECT file FROM history.sealed_day WHERE day = sealing) IS DISTINCT FROM was THEN
        RETURN false;
    END IF;
    IF to_regclass('history.' || name) IS NOT NULL THEN
        EXECUTE format('SELECT count(*), coalesce(sum(hash), 0), min(observed_at), max(observed_at) FROM history.%I', name)
            INTO found_rows, found_checksum, found_first, found_last;
    END IF;
    IF (found_rows, found_checksum, found_first, found_last)
       IS DISTINCT FROM (hot_rows, hot_checksum, hot_first, hot_last) THEN
        RETURN false;
    END IF;
    PERFORM history.take_turn();
    DELETE FROM history.sealed_day WHERE day = sealing;
    IF new_file IS NOT NULL THEN
        INSERT INTO history.sealed_day (day, file, rows, bytes, sha256, checksum, first_at, last_at)
        VALUES (sealing, new_file, new_rows, new_bytes, new_sha256, new_checksum, new_first, new_last);
    ELSIF found_rows > 0 AND was IS NULL AND new_rows IS DISTINCT FROM 0 THEN
        RAISE EXCEPTION 'readings of % would be lost', sealing USING ERRCODE = 'check_violation';
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS history.%I', name);
    RETURN true;
END $$;

REVOKE EXECUTE ON FUNCTION history.hold_day(date), history.hot_days(), history.take_turn(),
    history.seal_day(date, text, bigint, numeric, bigint, bigint, text, bigint, bigint, text, numeric, bigint, bigint)
    FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION history.take_turn() FROM yong_serve;
GRANT EXECUTE ON FUNCTION history.hold_day(date), history.hot_days(),
    history.seal_day(date, text, bigint, numeric, bigint, bigint, text, bigint, bigint, text, numeric, bigint, bigint)
    TO yong_serve;
