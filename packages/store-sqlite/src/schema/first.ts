/**
 * Version 1. Text that comes from outside is escaped (`text.ts`), times are epoch milliseconds, bodies are JSON.
 *
 * The log is written on the hot path, so it has one index and no column that its body holds already; a profile's history is
 * put in order after reading. AUTOINCREMENT: a `seq` is never given twice, even when the newest entries have been erased.
 */
export const FIRST = `
CREATE TABLE log (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  batch INTEGER NOT NULL,
  profile TEXT NOT NULL,
  now INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX log_by_profile ON log (profile);

CREATE TABLE claims (
  source TEXT NOT NULL,
  message TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (source, message)
) WITHOUT ROWID;
CREATE TABLE sweep (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  source TEXT NOT NULL,
  message TEXT NOT NULL
);
INSERT INTO sweep VALUES (1, '', '');

CREATE TABLE cursors (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE identities (key TEXT PRIMARY KEY, profile TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX identities_by_profile ON identities (profile);

CREATE TABLE merges (
  profile TEXT PRIMARY KEY,
  heir TEXT NOT NULL,
  at INTEGER NOT NULL,
  after_seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX merges_by_heir ON merges (heir);

CREATE TABLE snapshots (
  profile TEXT NOT NULL UNIQUE,
  seq INTEGER NOT NULL,
  definition TEXT NOT NULL,
  next_wake INTEGER,
  body TEXT NOT NULL
);
CREATE INDEX snapshots_by_wake ON snapshots (next_wake, profile) WHERE next_wake IS NOT NULL;

CREATE TABLE ledger (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  profile TEXT NOT NULL,
  rule TEXT NOT NULL,
  at INTEGER NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX ledger_by_time ON ledger (at);
CREATE INDEX ledger_by_profile ON ledger (profile, at);
CREATE INDEX ledger_by_rule ON ledger (rule, at);

CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  profile TEXT NOT NULL,
  rule TEXT NOT NULL,
  channel TEXT NOT NULL,
  kind TEXT NOT NULL,
  content TEXT NOT NULL,
  decided_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  sent_at INTEGER,
  seen_at INTEGER,
  clicked_at INTEGER,
  dismissed_at INTEGER
);
CREATE INDEX messages_by_profile ON messages (profile, decided_at);
CREATE INDEX messages_in_line ON messages (channel, decided_at, id, due_at)
  WHERE state = 'queued' AND clicked_at IS NULL AND dismissed_at IS NULL;
CREATE INDEX messages_by_due ON messages (channel, due_at)
  WHERE state = 'queued' AND clicked_at IS NULL AND dismissed_at IS NULL;

CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  source TEXT NOT NULL,
  reason TEXT NOT NULL,
  raw TEXT NOT NULL
);

CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  sink TEXT NOT NULL,
  reason TEXT NOT NULL,
  event TEXT NOT NULL
);
`
