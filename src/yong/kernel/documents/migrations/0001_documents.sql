-- How long files are kept. What a city is installed with is an example that its archive administration changes.
CREATE TABLE documents.retention (
    code       text PRIMARY KEY CHECK (code ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    title_zh   text NOT NULL,
    title_en   text NOT NULL,
    years      integer CHECK (years BETWEEN 1 AND 200),  -- null: for good
    basis_zh   text NOT NULL,
    basis_en   text NOT NULL,
    automatic  boolean NOT NULL DEFAULT false,           -- removed when due without anybody's approval
    example    boolean NOT NULL DEFAULT false,           -- as installed: nobody of this city has confirmed it
    version    integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by text NOT NULL DEFAULT 'module:documents',
    CHECK (NOT automatic OR years IS NOT NULL)
);
INSERT INTO documents.retention (code, title_zh, title_en, years, basis_zh, basis_en, automatic, example) VALUES
    ('permanent', '永久', 'Permanent', NULL,
     '示例：机关文件材料归档范围和文书档案保管期限规定（国家档案局令第8号）', 'Example: National Archives order no. 8 on files of public bodies', false, true),
    ('years30', '定期30年', '30 years', 30,
     '示例：机关文件材料归档范围和文书档案保管期限规定（国家档案局令第8号）', 'Example: National Archives order no. 8 on files of public bodies', false, true),
    ('years10', '定期10年', '10 years', 10,
     '示例：机关文件材料归档范围和文书档案保管期限规定（国家档案局令第8号）', 'Example: National Archives order no. 8 on files of public bodies', false, true),
    ('working', '工作材料1年', 'Working papers, 1 year', 1,
     '示例：不归档的过程材料，由本市自定', 'Example: papers that are not archived, as the city decides', true, true);

-- A file that is kept. Its content lies in the home folder under its SHA-256; what is removed leaves its row.
CREATE TABLE documents.file (
    id          text PRIMARY KEY,
    title       text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    filename    text NOT NULL CHECK (length(filename) BETWEEN 1 AND 150),
    sha256      text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    media_type  text NOT NULL,
    charset     text,
    bytes       bigint NOT NULL CHECK (bytes > 0),
    width       integer,                     -- of pictures, in pixels
    height      integer,
    owner_id    text,                        -- a party
    district    text,
    subject     text,                        -- the party that it is about
    belongs_to  text,                        -- a Relation, and the key of the row there
    belongs_id  text,
    personal    text NOT NULL CHECK (personal IN ('no', 'personal', 'sensitive')),
    level       text NOT NULL CHECK (level IN ('general', 'important')),
    retention   text REFERENCES documents.retention,  -- null: not classified yet, so never removed
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    created_by  text NOT NULL,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    updated_by  text NOT NULL,
    ended_at    timestamptz,                 -- the matter is closed: retention runs
    approved_at timestamptz,                 -- its removal, once due, was approved
    approved_by text,
    removed_at  timestamptz,
    CHECK ((belongs_to IS NULL) = (belongs_id IS NULL))
);
CREATE INDEX ON documents.file (sha256);
CREATE INDEX ON documents.file (belongs_to, belongs_id) WHERE belongs_to IS NOT NULL;
CREATE INDEX ON documents.file (subject) WHERE subject IS NOT NULL;
CREATE INDEX ON documents.file (owner_id, created_at);
CREATE INDEX ON documents.file (ended_at) WHERE removed_at IS NULL AND retention IS NOT NULL;

-- Legal holds: while one stands, nothing removes the document.
CREATE TABLE documents.hold (
    id          text PRIMARY KEY,
    document_id text NOT NULL REFERENCES documents.file,
    reason      text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    placed_at   timestamptz NOT NULL DEFAULT now(),
    placed_by   text NOT NULL,
    lifted_at   timestamptz,
    lifted_by   text
);
CREATE INDEX ON documents.hold (document_id) WHERE lifted_at IS NULL;

CREATE TABLE documents.file_history (
    id          text NOT NULL,
    version     integer NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    state       jsonb NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE FUNCTION documents.remember() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.removed_at IS NOT NULL AND OLD.removed_at IS NULL AND EXISTS (
        SELECT 1 FROM documents.hold h WHERE h.document_id = NEW.id AND h.lifted_at IS NULL) THEN
        RAISE EXCEPTION 'document % is held', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO documents.file_history (id, version, state) VALUES (NEW.id, NEW.version, to_jsonb(NEW));
    RETURN NEW;
END $$;
CREATE TRIGGER remember AFTER INSERT OR UPDATE ON documents.file
    FOR EACH ROW EXECUTE FUNCTION documents.remember();

-- Files on their way here, part by part; their bytes lie in `documents/incoming` of the home.
CREATE TABLE documents.upload (
    id          text PRIMARY KEY,            -- the document's, once it is one
    account     text NOT NULL,
    about       jsonb NOT NULL,
    length      bigint NOT NULL CHECK (length > 0),
    received    bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND length),
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX ON documents.upload (account) WHERE finished_at IS NULL;
CREATE INDEX ON documents.upload (expires_at);

REVOKE DELETE, TRUNCATE ON documents.file, documents.hold, documents.retention FROM yong_serve;
REVOKE UPDATE, DELETE, TRUNCATE ON documents.file_history FROM yong_serve;
