CREATE TABLE passwords (
    operator BLOB PRIMARY KEY,
    hash TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setups (
    operator BLOB PRIMARY KEY,
    token BLOB NOT NULL UNIQUE,
    browser BLOB UNIQUE,
    ends INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE web_sessions (
    id BLOB PRIMARY KEY,
    operator BLOB NOT NULL,
    csrf TEXT NOT NULL,
    created INTEGER NOT NULL,
    last_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX web_sessions_by_operator ON web_sessions (operator);

CREATE TABLE invitations (
    session BLOB PRIMARY KEY,
    code BLOB NOT NULL UNIQUE,
    token BLOB NOT NULL UNIQUE,
    nonce BLOB NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE join_tickets (
    ticket BLOB PRIMARY KEY,
    prefix TEXT NOT NULL,
    wrong INTEGER NOT NULL,
    waits INTEGER NOT NULL,
    until INTEGER,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE join_sources (
    prefix TEXT PRIMARY KEY,
    hour_start INTEGER NOT NULL,
    hour_wrong INTEGER NOT NULL,
    day_start INTEGER NOT NULL,
    day_wrong INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE highest_time (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seen INTEGER NOT NULL
) STRICT;
INSERT INTO highest_time VALUES (1, -9223372036854775808);
