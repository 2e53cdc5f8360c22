import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NewLogEntry, Store } from '@waymark/core'
import { afterAll, expect, it } from 'vitest'
import { sqlite } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'waymark-room-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const AT = 1_764_000_000_000
const EVENTS = 20_000
const AT_ONCE = 1_000

function entry(index: number): NewLogEntry {
  const empty = { traits: {}, context: {}, integrations: {} }
  const properties = { text: 'x'.repeat(200) }
  const event = { type: 'track', event: 'used', messageId: `m${index}`, userId: `u${index % 100}`, timestamp: AT + index, receivedAt: AT + index } as const
  return { profile: `u${index % 100}`, now: AT + index, input: { kind: 'event', event: { ...event, properties, ...empty, source: 'test' } } }
}

async function append(store: Store, from: number): Promise<readonly number[]> {
  const seqs: number[] = []
  for (let index = from; index < from + EVENTS; index += AT_ONCE) {
    const entries = Array.from({ length: AT_ONCE }, (_, place) => entry(index + place))
    seqs.push(...(await store.transaction((tx) => tx.append(entries))))
  }
  return seqs
}

it('the room of what is dropped from among what stays is used again: the file grows no more', async () => {
  const store = sqlite(join(folder, 'room.db'))
  await store.open()
  let seqs = await append(store, 0)
  const { bytes: full = 0 } = (await store.size?.()) ?? {}
  expect(full).toBeGreaterThan(EVENTS * 400)
  const sizes: number[] = []
  for (let round = 1; round <= 4; round += 1) {
    // One in ten stays, as what a condition needs for ever does.
    const gone = seqs.filter((seq) => seq % 10 !== 0)
    for (let from = 0; from < gone.length; from += AT_ONCE) await store.transaction((tx) => tx.drop({ seqs: gone.slice(from, from + AT_ONCE) }))
    const { bytes = 0, freeBytes = 0 } = (await store.size?.()) ?? {}
    expect(freeBytes).toBeGreaterThan(full * 0.6)
    seqs = await append(store, round * EVENTS)
    sizes.push(bytes)
  }
  const { bytes: last = 0 } = (await store.size?.()) ?? {}
  // Four times as much has come in, and of each time a tenth has stayed.
  expect(last).toBeLessThan(full * 1.7)
  expect((await store.log(0, 1_000_000)).length).toBe(EVENTS + 4 * (EVENTS / 10))
  const report = await store.inspect?.()
  expect(report?.damage).toEqual([])
  expect(report?.logBytes).toBeLessThanOrEqual(report?.bytes as number)
  await store.close()
}, 60_000)
