/** The two places that events come from. The keys name a source; they are no secrets. */
export const WRITE_KEYS = { web: 'fieldnotes-web', server: 'fieldnotes-server' } as const
