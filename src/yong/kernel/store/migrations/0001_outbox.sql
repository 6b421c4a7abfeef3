-- Events wait here, written in the transaction of the fact, until the relay has handed them to the bus.
CREATE TABLE store.outbox (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid     xid8 NOT NULL DEFAULT pg_current_xact_id(),
    event   jsonb NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
