import type { CanonicalEvent, Profile } from '@waymark/core'
import { compared, type Measurement, perSecond } from '../measure.ts'
import { events, liveEngine } from '../workload.ts'

const name = 'engine.vs_json_parse'

export const jsonParse: Measurement = {
  rows: [
    {
      name,
      compares: 'the engine over NDJSON, parsing included, 20 mixed conditions, 100,000 events of 2,000 users / bare `JSON.parse` of the same bytes',
      target: { atLeast: 0.5 },
    },
  ],
  async run() {
    const lines = events(100_000, 2_000)
    const live = liveEngine()
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
    return [compared(name, speed['engine'] as number, speed['parse'] as number)]
  },
}
