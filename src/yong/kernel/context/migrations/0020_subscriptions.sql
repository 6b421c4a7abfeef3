-- Subscriptions (ETSI GS CIM 009 clause 5.8): what is wanted, by whom, and how it went. `body` is as it was sent;
-- `roles` are those that its maker held, so an API key's subscription can never see more than the key.
CREATE TABLE context.subscription (
    tenant          text NOT NULL DEFAULT '',
    id              text NOT NULL,
    account         text NOT NULL,
    roles           text[] NOT NULL,
    purpose         text,
    body            jsonb NOT NULL,
    context         text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    modified_at     timestamptz NOT NULL DEFAULT now(),
    sent            bigint NOT NULL DEFAULT 0,
    failed          bigint NOT NULL DEFAULT 0,
    last_at         timestamptz,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    failure         text,
    next_at         timestamptz,
    PRIMARY KEY (tenant, id)
) WITH (fillfactor = 80);
CREATE INDEX subscription_of ON context.subscription (account, tenant, id);

-- A notification from the transaction that moves its reader past the change until it is delivered, or is given up
-- and waits for a person (`dead_at`).
CREATE TABLE context.notification (
    number       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant       text NOT NULL,
    subscription text NOT NULL,
    body         text NOT NULL,
    made_at      timestamptz NOT NULL DEFAULT now(),
    attempts     integer NOT NULL DEFAULT 0,
    due_at       timestamptz,
    failure      text,
    dead_at      timestamptz,
    FOREIGN KEY (tenant, subscription) REFERENCES context.subscription (tenant, id) ON DELETE CASCADE
);
CREATE INDEX notification_waiting ON context.notification (tenant, subscription, number) WHERE dead_at IS NULL;
CREATE INDEX notification_dead ON context.notification (tenant, subscription, number) WHERE dead_at IS NOT NULL;

-- Entities that changed while a subscription's throttling lasted: told of together when it is over.
CREATE TABLE context.notification_held (
    tenant       text NOT NULL,
    subscription text NOT NULL,
    entity       text NOT NULL,
    PRIMARY KEY (tenant, subscription, entity),
    FOREIGN KEY (tenant, subscription) REFERENCES context.subscription (tenant, id) ON DELETE CASCADE
);

-- A @context that came within a subscription is kept for its notifications.
ALTER TABLE context.jsonld_context DROP CONSTRAINT jsonld_context_kind_check,
    ADD CONSTRAINT jsonld_context_kind_check CHECK (kind IN ('Hosted', 'Cached', 'ImplicitlyCreated'));

INSERT INTO store.outbox_reader (name, xid, id)
    SELECT 'subscriptions', xid, id FROM store.outbox_reader WHERE name = 'bus';
