import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CanonicalEvent } from '@waymark/core'
import { sqlite } from '@waymark/store-sqlite'

/**
 * Writes commits of ten events until there are as many as asked for, and says of each that it is written, in a file beside the
 * database, once the store has said so. Arguments: the folder, the number of commits.
 */
const [folder, commits] = process.argv.slice(2) as [string, string]
const store = sqlite(join(folder, 'store.db'))
await store.open()
for (let commit = 0; commit < Number(commits); commit += 1) {
  const events = Array.from({ length: 10 }, (_, index) => eventOf(commit, index))
  await store.transaction(async (tx) => {
    await tx.claim(events, commit)
    await tx.append(events.map((event) => ({ profile: event.userId ?? '', now: commit, input: { kind: 'event', event } })))
    await tx.setCursor('commits', String(commit))
  })
  appendFileSync(join(folder, 'acknowledged'), `${commit}\n`)
}
await store.close()

function eventOf(commit: number, index: number): CanonicalEvent {
  return {
    type: 'track',
    event: 'did_it',
    messageId: `${commit}-${index}`,
    userId: `u${index}`,
    timestamp: commit,
    receivedAt: commit,
    properties: { filler: 'x'.repeat(2_000) },
    traits: {},
    context: {},
    integrations: {},
    source: 'disk',
  }
}
