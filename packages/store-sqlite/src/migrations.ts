import { WaymarkError } from '@waymark/core'
import type { Database } from './database.ts'

/**
 * Forward only: each step runs in a transaction of its own together with its version number, so a kill at any statement
 * leaves the version before or the version after. A step that has been released is never edited.
 */
const STEPS: readonly string[] = [
  `
  CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    "commit" INTEGER NOT NULL,
    profile TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER,
    tie TEXT,
    now INTEGER NOT NULL,
    input TEXT NOT NULL
  ) STRICT;
  CREATE INDEX log_by_profile ON log (profile, at, tie) WHERE kind = 'event';

  CREATE TABLE claims (source TEXT NOT NULL, message_id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (source, message_id)) STRICT, WITHOUT ROWID;
  CREATE INDEX claims_by_age ON claims (at);

  CREATE TABLE identities (key TEXT PRIMARY KEY, profile TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX identities_by_profile ON identities (profile);
  CREATE TABLE merges (absorbed TEXT PRIMARY KEY, into_profile TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX merges_by_target ON merges (into_profile);

  CREATE TABLE snapshots (profile TEXT PRIMARY KEY, seq INTEGER NOT NULL, definition TEXT NOT NULL, next_wake INTEGER, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX snapshots_by_wake ON snapshots (next_wake) WHERE next_wake IS NOT NULL;
  CREATE TABLE cursors (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE decisions (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, profile TEXT NOT NULL, rule TEXT NOT NULL, at INTEGER NOT NULL, decision TEXT NOT NULL) STRICT;
  CREATE INDEX decisions_by_profile ON decisions (profile, at);
  CREATE TABLE messages (
    key TEXT PRIMARY KEY,
    profile TEXT NOT NULL,
    rule TEXT NOT NULL,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    attempts INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    leased_until INTEGER NOT NULL,
    sent_at INTEGER,
    seen_at INTEGER,
    clicked_at INTEGER,
    dismissed_at INTEGER
  ) STRICT;
  CREATE INDEX messages_queued ON messages (channel, not_before) WHERE state = 'queued';
  CREATE INDEX messages_by_profile ON messages (profile, channel, decided_at);

  CREATE TABLE quarantine (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, source TEXT NOT NULL, reason TEXT NOT NULL, raw TEXT NOT NULL) STRICT;
  CREATE TABLE dead_letters (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, sink TEXT NOT NULL, reason TEXT NOT NULL, event TEXT NOT NULL) STRICT;
  `,
]

/** Brings a database to this version. One from a newer version is left alone and refused. */
export function migrate(database: Database, path: string): void {
  const { user_version: version } = database.get<{ user_version: number }>('PRAGMA user_version') ?? { user_version: 0 }
  if (version > STEPS.length) {
    throw new WaymarkError('STORE_TOO_NEW', `${path} was written by a newer version of Waymark (schema ${version}, this one knows ${STEPS.length})`, {
      place: path,
      mend: 'upgrade @waymark/store-sqlite; a schema never goes back',
    })
  }
  STEPS.slice(version).forEach((step, index) => {
    database.exec('BEGIN IMMEDIATE')
    try {
      database.exec(step)
      database.exec(`PRAGMA user_version = ${version + index + 1}`)
      database.exec('COMMIT')
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  })
}
