import { startChild } from '../child.ts'
import type { Measurement, Row } from '../measure.ts'
import { atEvent } from './at-event.ts'
import { jsonParse } from './json-parse.ts'
import { jsonRulesEngine } from './json-rules-engine.ts'
import { profiles } from './profiles.ts'
import { segments } from './segments.ts'

/** Each but the last in a process of its own: the engine is then compiled for one definition, as in a host. `profiles` has two of its own. */
export const engine: readonly Measurement[] = [...[jsonParse, jsonRulesEngine, segments, atEvent].map(apart), profiles]

function apart({ rows }: Measurement): Measurement {
  return {
    rows,
    async run() {
      const child = startChild<readonly Row[]>(`${import.meta.dirname}/measurement-process.ts`, [])
      try {
        return await child.ask(rows[0]?.name ?? '')
      } finally {
        child.end()
      }
    },
  }
}
