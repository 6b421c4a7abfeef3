-- Which door a thing came through: a command waits for that door, and a door cleans up its own things only.
ALTER TABLE sensing.presence ADD COLUMN door text NOT NULL DEFAULT 'mqtt';

-- What a thing says as a password in a protocol whose passwords are short (HJ 212: 6 characters, SL 651: 16
-- bits). `mac` is keyed with a secret of the install that is not in the database; such a word counts at its
-- listener alone. An empty word enrols a thing for a protocol that carries none.
CREATE TABLE sensing.word (
    thing      text NOT NULL,
    listener   text NOT NULL,
    mac        bytea NOT NULL,
    issued_at  timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    PRIMARY KEY (thing, listener, mac)
);
CREATE INDEX word_revoked ON sensing.word (revoked_at) WHERE revoked_at IS NOT NULL;
