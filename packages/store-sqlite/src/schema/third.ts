/**
 * Version 3: what could not be brought to its receiver is kept with its stage, its attempts and the version of the definition, messages
 * that were given up stand there too, and what did not fit the plan can be told from what could not be read.
 *
 * `unclear_since` is the first attempt of which nobody knows how it ended. Before this version the host leased for a minute; what is
 * leased now and was never settled began that long before its lease ends. `subject` tells a letter's event or message, so that
 * giving up twice is one letter; of earlier letters it is not known.
 */
export const THIRD = `
ALTER TABLE messages ADD COLUMN cause TEXT;
ALTER TABLE messages ADD COLUMN unclear_since INTEGER;
UPDATE messages SET unclear_since = due_at - 60000 WHERE state = 'queued' AND attempts > 0 AND due_at > not_before;

ALTER TABLE dead_letters RENAME TO dead_events;
CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  stage TEXT NOT NULL,
  plugin TEXT NOT NULL,
  subject TEXT NOT NULL,
  reason TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  version TEXT NOT NULL,
  retry_at INTEGER,
  event TEXT
);
INSERT INTO dead_letters (id, at, stage, plugin, subject, reason, attempts, version, event)
  SELECT id, at, 'sink', sink, '#' || id, reason, 1, '', event FROM dead_events;
DROP TABLE dead_events;
INSERT INTO dead_letters (at, stage, plugin, subject, reason, attempts, version)
  SELECT decided_at, 'channel', channel, key, coalesce(reason, state), attempts, '' FROM messages WHERE state IN ('rejected', 'unknown', 'dead') ORDER BY id;
CREATE UNIQUE INDEX dead_letters_by_subject ON dead_letters (plugin, stage, subject);
CREATE INDEX dead_letters_by_time ON dead_letters (at);
CREATE INDEX dead_letters_to_retry ON dead_letters (plugin, retry_at) WHERE retry_at IS NOT NULL;

ALTER TABLE quarantine ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE quarantine ADD COLUMN readable INTEGER NOT NULL DEFAULT 0;
UPDATE quarantine SET readable = 1 WHERE CASE WHEN json_valid(raw) THEN
  json_type(raw, '$.messageId') = 'text' AND json_type(raw, '$.source') = 'text' AND json_type(raw, '$.timestamp') = 'integer'
  AND json_type(raw, '$.receivedAt') = 'integer' AND json_type(raw, '$.integrations') = 'object' ELSE 0 END;
CREATE INDEX quarantine_by_time ON quarantine (at);
CREATE INDEX quarantine_by_source ON quarantine (source, readable);
`
