/**
 * Version 2: merges may be undone, and everything that becomes of two names is written down.
 *
 * A merge holds for entries after `after_seq` up to `until_seq`, so that the log reads at every entry as it read then.
 * `after_decision` is the newest ledger line at the merge; for merges from before this version it is not known, and 0.
 * `moves` has the entries that came under the name of a profile they turned out not to be of.
 */
export const SECOND = `
ALTER TABLE merges RENAME TO merges_for_good;
CREATE TABLE merges (
  id INTEGER PRIMARY KEY,
  profile TEXT NOT NULL,
  heir TEXT NOT NULL,
  at INTEGER NOT NULL,
  after_seq INTEGER NOT NULL,
  after_decision INTEGER NOT NULL,
  until_seq INTEGER NOT NULL
);
INSERT INTO merges (profile, heir, at, after_seq, after_decision, until_seq)
  SELECT profile, heir, at, after_seq, 0, 9007199254740991 FROM merges_for_good;
DROP TABLE merges_for_good;
CREATE UNIQUE INDEX merges_standing ON merges (profile) WHERE until_seq = 9007199254740991;
CREATE INDEX merges_by_heir ON merges (heir);

CREATE TABLE moves (
  seq INTEGER NOT NULL,
  after_seq INTEGER NOT NULL,
  profile TEXT NOT NULL,
  PRIMARY KEY (seq, after_seq)
) WITHOUT ROWID;
CREATE INDEX moves_by_profile ON moves (profile);

CREATE TABLE apart (one TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (one, other)) WITHOUT ROWID;

CREATE TABLE journal (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  origin TEXT NOT NULL,
  heir TEXT NOT NULL,
  keys TEXT NOT NULL,
  source TEXT,
  message TEXT,
  reason TEXT
);
CREATE INDEX journal_by_origin ON journal (origin);
CREATE INDEX journal_by_heir ON journal (heir);
CREATE UNIQUE INDEX journal_once ON journal (outcome, origin, heir, coalesce(reason, '')) WHERE outcome IN ('refused', 'shared');
`
