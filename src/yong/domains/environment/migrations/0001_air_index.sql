-- The index of a station for an hour or a day. Computed again when late readings arrive: the row is replaced,
-- and keeps the edition of HJ 633 that it was computed by.
CREATE TABLE environment.air_index (
    station text NOT NULL,
    report text NOT NULL CHECK (report IN ('hourly', 'daily')),
    at timestamptz NOT NULL,                 -- the end of the hour or day
    aqi smallint NOT NULL CHECK (aqi BETWEEN 0 AND 500),
    level smallint NOT NULL CHECK (level BETWEEN 1 AND 6),
    primary_pollutants text[] NOT NULL,
    exceeding text[] NOT NULL,
    complete boolean NOT NULL,
    edition text NOT NULL,
    parts jsonb NOT NULL,                    -- [{pollutant, window, value, iaqi}]
    owner_id text NOT NULL,
    district text NOT NULL,
    computed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (report, station, at)
);
CREATE INDEX ON environment.air_index (at);
