-- Boards that people arrange. `cards` is what they show, as the contracts of the module have it; `party` the department
-- that a board is shared with.
CREATE TABLE boards.board (
    id         text PRIMARY KEY,
    account    text NOT NULL,
    party      text,
    title      text NOT NULL,
    shared     text NOT NULL CHECK (shared IN ('nobody', 'department', 'everyone')),
    cards      jsonb NOT NULL,
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK (shared <> 'department' OR party IS NOT NULL)
);
CREATE INDEX ON boards.board (account);
CREATE INDEX ON boards.board (shared, party) WHERE shared <> 'nobody';

-- Links that show a board on a screen where nobody signs in: as its maker may see it with the roles held when it was
-- made, as far as they are held still. The secret itself is nowhere.
CREATE TABLE boards.link (
    id            text PRIMARY KEY,
    board         text NOT NULL REFERENCES boards.board ON DELETE CASCADE,
    secret_sha256 bytea NOT NULL UNIQUE,
    title         text NOT NULL,
    account       text NOT NULL,
    roles         text[] NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    until         timestamptz NOT NULL,
    used_at       timestamptz
);
CREATE INDEX ON boards.link (board);
