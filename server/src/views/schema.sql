-- What is folded, and as far as it is.
CREATE TABLE models (
    name TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    position INTEGER,
    stream TEXT,
    stream_version INTEGER,
    leaf BLOB
);
-- The number of the wrapping key: it grows with every erasure.
CREATE TABLE epoch (number INTEGER NOT NULL);
