/**
 * Version 4: people who are forgotten, and what sinks were told of memberships.
 *
 * `tombstones` has keyed hashes of ids. `erasures.body` has what no query asks for: the job, and later its receipt. `told` has each profile's member of
 * a segment as the sinks heard of it last; NULL for none.
 */
export const FOURTH = `
CREATE TABLE tombstones (key TEXT PRIMARY KEY, person TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE erasures (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  person TEXT NOT NULL,
  plugin TEXT NOT NULL,
  state TEXT NOT NULL,
  due_by INTEGER NOT NULL,
  next_at INTEGER,
  body TEXT NOT NULL,
  UNIQUE (person, plugin)
);
CREATE INDEX erasures_open ON erasures (plugin, next_at) WHERE next_at IS NOT NULL;

CREATE TABLE told (profile TEXT NOT NULL, segment TEXT NOT NULL, member TEXT, PRIMARY KEY (profile, segment)) WITHOUT ROWID;
`
