import type { Engine, Store } from '@waymark/core'
import { incompleteIn, readCompaction, sayIncomplete } from '../compaction-record.ts'
import { type Finding, ok, warn } from './finding.ts'
import { bytes } from './words.ts'

/** How large the log is, how far back it goes, and who would have it go further. Reads only. */
export async function lookAtLog(store: Store, engine: Engine, now: number, logBytes: number | undefined): Promise<readonly Finding[]> {
  const record = await readCompaction(store)
  const [oldest] = await store.log(0, 1)
  const size = logBytes === undefined ? 'the log' : `the log takes ${bytes(logBytes)}`
  const from = oldest === undefined ? 'is empty' : `goes back to ${new Date(oldest.now).toISOString()}`
  const whole =
    record.horizon === null ? 'with every event' : `all of it from ${new Date(record.horizon).toISOString()} on, and of before what the conditions read`
  const dropped = `${number(record.events)} events and ${number(record.others)} other entries have been dropped`
  return [
    ok('log', `${size}${logBytes === undefined ? '' : ' and'} ${from}${oldest === undefined ? '' : `, ${whole}`}; ${dropped}`),
    ...incompleteIn(record, engine.reaches, now).map((one) =>
      warn(
        'log',
        sayIncomplete(one),
        'shorten its window, or keep in mind that it counts from then on; a longer retention.log.age keeps more for the next one',
      ),
    ),
  ]
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
