-- What a device has taken along, so that it is told only what changed since: of every row its id and a tag of what was given,
-- never the values. Two states are kept: an answer that was lost on the way is given again from the one before.
CREATE TABLE records.device (
  account    text NOT NULL,
  device     text NOT NULL,
  parcel     text NOT NULL,
  generation bigint NOT NULL DEFAULT 0,
  held       bytea,
  before     bytea,
  held_rows  integer NOT NULL DEFAULT 0,
  first_at   timestamptz NOT NULL DEFAULT now(),
  seen_at    timestamptz NOT NULL DEFAULT now(),
  given_up_at timestamptz,  -- lost or handed on: it is told to forget everything
  PRIMARY KEY (account, device, parcel)
);

-- What was handed in, each under its own id: the same again does nothing and gets the same answer. The body is kept of what
-- was not done, so that nothing of it is lost.
CREATE TABLE records.handed_in (
  account   text NOT NULL,
  id        text NOT NULL,
  device    text NOT NULL,
  kind      text NOT NULL,
  target    text,
  version   integer,     -- the one it made, of a record
  digest    bytea NOT NULL,
  made_at   timestamptz NOT NULL,  -- by the device's clock
  place     jsonb,
  handed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  state     text NOT NULL CHECK (state IN ('done', 'merged', 'conflict', 'refused')),
  answer    jsonb NOT NULL,
  body      jsonb,
  PRIMARY KEY (account, id)
);
CREATE INDEX ON records.handed_in (account, device, target) WHERE version IS NOT NULL;
CREATE INDEX ON records.handed_in (account, handed_at);

-- What two people said differently of the same thing, until one of them decides.
CREATE TABLE records.clash (
  id         text PRIMARY KEY,
  account    text NOT NULL,
  change_id  text NOT NULL,
  kind       text NOT NULL,
  relation   text NOT NULL,
  record     text NOT NULL,
  field      text,         -- none: the whole of it
  mine       jsonb,
  their_by   text,         -- the account
  their_at   timestamptz,
  told       jsonb NOT NULL DEFAULT '{}',
  made_at    timestamptz NOT NULL,
  place      jsonb,
  kept_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  decision   text CHECK (decision IN ('mine', 'theirs', 'value')),
  decided_by text,
  decided_at timestamptz,
  FOREIGN KEY (account, change_id) REFERENCES records.handed_in (account, id)
);
CREATE INDEX ON records.clash (account) WHERE decision IS NULL;
CREATE INDEX ON records.clash (relation, record) WHERE decision IS NULL;
