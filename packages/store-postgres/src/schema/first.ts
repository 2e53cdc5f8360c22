/**
 * Version 1. Text that comes from outside is escaped (`toText`) and compared by its bytes, bodies are JSON, times are epoch milliseconds:
 * JavaScript numbers, which is what `double precision` is.
 *
 * `head` has one row, which every commit writes last (`head.ts`). A merge holds for entries after `after_seq` up to `until_seq`, so that the log
 * reads at every entry as it read then; `moves` has the entries that came under the name of a profile they turned out not to be of.
 * Columns that are only compared hold a digest where the text is long (`bounded.ts`), and no index has two ids: an entry of it has room for one
 * of 500 characters, whatever they are.
 */
export const FIRST = `
CREATE TABLE head (epoch bigint NOT NULL, turn bigint NOT NULL, seq bigint NOT NULL);
INSERT INTO head VALUES (0, 0, 0);

CREATE TABLE log (
  seq bigint PRIMARY KEY,
  batch bigint NOT NULL,
  profile text COLLATE "C" NOT NULL,
  now double precision NOT NULL,
  kind text NOT NULL,
  body text NOT NULL
);
CREATE INDEX log_by_profile ON log (profile);

CREATE TABLE claims (
  source text COLLATE "C" NOT NULL,
  message text COLLATE "C" NOT NULL,
  at double precision NOT NULL,
  PRIMARY KEY (source, message)
);
CREATE INDEX claims_by_time ON claims (at);

CREATE TABLE cursors (name text COLLATE "C" PRIMARY KEY, value text NOT NULL);

CREATE TABLE identities (key text COLLATE "C" PRIMARY KEY, profile text COLLATE "C" NOT NULL);
CREATE INDEX identities_by_profile ON identities (profile);

CREATE TABLE merges (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  profile text COLLATE "C" NOT NULL,
  heir text COLLATE "C" NOT NULL,
  at double precision NOT NULL,
  after_seq bigint NOT NULL,
  after_decision bigint NOT NULL,
  until_seq bigint NOT NULL
);
CREATE UNIQUE INDEX merges_standing ON merges (profile) WHERE until_seq = 9007199254740991;
CREATE INDEX merges_by_heir ON merges (heir);

CREATE TABLE moves (
  seq bigint NOT NULL,
  after_seq bigint NOT NULL,
  profile text COLLATE "C" NOT NULL,
  PRIMARY KEY (seq, after_seq)
);
CREATE INDEX moves_by_profile ON moves (profile);

CREATE TABLE apart (one text COLLATE "C" NOT NULL, other text COLLATE "C" NOT NULL);
CREATE INDEX apart_by_one ON apart (one);
CREATE INDEX apart_by_other ON apart (other);

CREATE TABLE journal (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at double precision NOT NULL,
  outcome text NOT NULL,
  origin text COLLATE "C" NOT NULL,
  heir text COLLATE "C" NOT NULL,
  keys text NOT NULL,
  source text,
  message text,
  reason text,
  once text COLLATE "C" UNIQUE
);
CREATE INDEX journal_by_origin ON journal (origin);
CREATE INDEX journal_by_heir ON journal (heir);

CREATE TABLE snapshots (
  profile text COLLATE "C" PRIMARY KEY,
  seq bigint NOT NULL,
  definition text NOT NULL,
  next_wake double precision,
  body text NOT NULL
);
CREATE INDEX snapshots_by_wake ON snapshots (next_wake, profile) WHERE next_wake IS NOT NULL;

CREATE TABLE ledger (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text COLLATE "C" NOT NULL UNIQUE,
  profile text COLLATE "C" NOT NULL,
  rule text COLLATE "C" NOT NULL,
  at double precision NOT NULL,
  body text NOT NULL
);
CREATE INDEX ledger_by_time ON ledger (at, id);
CREATE INDEX ledger_by_profile ON ledger (profile, at, id);
CREATE INDEX ledger_by_rule ON ledger (rule, at, id);

CREATE TABLE messages (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text COLLATE "C" NOT NULL UNIQUE,
  profile text COLLATE "C" NOT NULL,
  rule text NOT NULL,
  channel text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  content text NOT NULL,
  decided_at double precision NOT NULL,
  cause text,
  state text NOT NULL,
  reason text,
  attempts integer NOT NULL DEFAULT 0,
  not_before double precision NOT NULL,
  due_at double precision NOT NULL,
  unclear_since double precision,
  sent_at double precision,
  seen_at double precision,
  clicked_at double precision,
  dismissed_at double precision
);
CREATE INDEX messages_by_profile ON messages (profile, decided_at);
CREATE INDEX messages_in_line ON messages (channel, decided_at, id, due_at)
  WHERE state = 'queued' AND clicked_at IS NULL AND dismissed_at IS NULL;
CREATE INDEX messages_by_due ON messages (channel, due_at)
  WHERE state = 'queued' AND clicked_at IS NULL AND dismissed_at IS NULL;

CREATE TABLE quarantine (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at double precision NOT NULL,
  source text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  raw text NOT NULL,
  version text NOT NULL,
  readable integer NOT NULL
);
CREATE INDEX quarantine_by_time ON quarantine (at);
CREATE INDEX quarantine_by_source ON quarantine (source, readable);

CREATE TABLE dead_letters (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at double precision NOT NULL,
  stage text COLLATE "C" NOT NULL,
  plugin text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  attempts integer NOT NULL,
  version text NOT NULL,
  retry_at double precision,
  event text
);
CREATE UNIQUE INDEX dead_letters_by_subject ON dead_letters (plugin, stage, subject);
CREATE INDEX dead_letters_by_time ON dead_letters (at);
CREATE INDEX dead_letters_to_retry ON dead_letters (plugin, retry_at, id) WHERE retry_at IS NOT NULL;
`
