/** Version 3: the log by name and entry, so that it can be gone through name by name, a page at a time. It also serves whoever asks for the name alone. */
export const THIRD = `
CREATE INDEX log_by_name ON log (profile, seq);
DROP INDEX log_by_profile;
`
