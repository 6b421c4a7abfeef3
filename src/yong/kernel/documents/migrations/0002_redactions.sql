-- A copy of a photo in which faces and plates are covered names the photo that it was made of.
ALTER TABLE documents.file ADD COLUMN redacted_from text REFERENCES documents.file;
CREATE INDEX ON documents.file (redacted_from) WHERE redacted_from IS NOT NULL;
