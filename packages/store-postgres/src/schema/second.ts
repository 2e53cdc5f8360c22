/**
 * Version 2: people who are forgotten, and what sinks were told of memberships.
 *
 * `tombstones` has keyed hashes of ids. `erasures.body` has what no query asks for: the job, and later its receipt. `told` has each profile's member of
 * a segment as the sinks heard of it last; NULL for none. Its key is a digest where the two names are long.
 */
export const SECOND = `
CREATE TABLE tombstones (key text COLLATE "C" PRIMARY KEY, person text COLLATE "C" NOT NULL, at double precision NOT NULL);

CREATE TABLE erasures (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person text COLLATE "C" NOT NULL,
  plugin text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  due_by double precision NOT NULL,
  next_at double precision,
  body text NOT NULL,
  UNIQUE (person, plugin)
);
CREATE INDEX erasures_open ON erasures (plugin, next_at, id) WHERE next_at IS NOT NULL;

CREATE TABLE told (key text COLLATE "C" PRIMARY KEY, profile text COLLATE "C" NOT NULL, segment text NOT NULL, member text);
CREATE INDEX told_by_profile ON told (profile);
`
