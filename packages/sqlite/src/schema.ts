/** What `PRAGMA user_version` says of a file with this schema. Goes up with every change of it. */
export const SCHEMA_VERSION = 1

// Instants are milliseconds since 1970. A session's data comes last: what is long is kept outside of
// the row's page, and nothing has to be read past it.
export const SCHEMA = `
  CREATE TABLE adjourn_sessions (
    id TEXT NOT NULL PRIMARY KEY,
    secret_hash TEXT NOT NULL,
    user_id TEXT,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    authenticated_at INTEGER,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    device TEXT,
    data TEXT NOT NULL
  ) STRICT;

  CREATE INDEX adjourn_sessions_expiry ON adjourn_sessions (expires_at);

  CREATE TABLE adjourn_memberships (
    session_id TEXT NOT NULL REFERENCES adjourn_sessions (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    group_name TEXT NOT NULL,
    epoch INTEGER,
    PRIMARY KEY (session_id, position)
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX adjourn_memberships_group ON adjourn_memberships (group_name, epoch);

  CREATE TABLE adjourn_epochs (
    group_name TEXT NOT NULL PRIMARY KEY,
    epoch INTEGER NOT NULL,
    keep TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX adjourn_epochs_expiry ON adjourn_epochs (expires_at);
`
