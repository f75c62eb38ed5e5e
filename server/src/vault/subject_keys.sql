
CREATE TABLE subject_keys (
    subject TEXT PRIMARY KEY,
    kek INTEGER NOT NULL,
    nonce BLOB,
    wrapped BLOB,
    CHECK ((nonce IS NULL) = (wrapped IS NULL))
) STRICT, WITHOUT ROWID;
