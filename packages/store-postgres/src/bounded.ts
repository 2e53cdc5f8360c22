import { createHash } from 'node:crypto'

/** PostgreSQL indexes no text that is longer than some 2,700 bytes. */
const LONGEST = 500

/** A text that is only compared, never read back: a long one is known by its digest. */
export function bounded(text: string): string {
  return text.length <= LONGEST ? text : `sha256:${createHash('sha256').update(text).digest('hex')}`
}
