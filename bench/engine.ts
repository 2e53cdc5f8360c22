import { type CanonicalEvent, createEngine, type Profile } from '@waymark/core'
import { compared, perSecond, type Row } from './measure.ts'
import { definition, events } from './workload.ts'

/** The engine over NDJSON, parsing included, beside bare JSON.parse of the same bytes. */
export async function engine(): Promise<readonly Row[]> {
  const lines = events(100_000, 2_000)
  const { segments = [], rules = [], governance = {} } = definition
  const live = createEngine({ segments, rules, governance, channels: { 'in-app': { purpose: 'personalization', reach: 'inside' } } })
  const speed = await perSecond(5, lines.length, {
    parse() {
      let bytes = 0
      for (const line of lines) bytes += (JSON.parse(line) as CanonicalEvent).timestamp
      return bytes
    },
    engine() {
      const profiles = new Map<string, Profile>()
      for (const line of lines) {
        const event = JSON.parse(line) as CanonicalEvent
        const id = event.userId as string
        profiles.set(id, live.step(profiles.get(id), id, { kind: 'event', event }, event.timestamp).profile)
      }
      return profiles.size
    },
  })
  return [compared('engine.vs_json_parse', speed['engine'] as number, speed['parse'] as number)]
}
