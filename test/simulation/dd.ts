import { sqlite } from '@waymark/store-sqlite'
import { simulate } from '@waymark/testkit/simulation'
import { product } from './product.ts'
const s = sqlite(':memory:')
const kept = { ...s, close: async () => {} }
const r = await simulate({ ...product, seed: 534, store: () => kept })
for (const d of (await s.decisions({ limit: 1000 })).toReversed()) if (d.profile === 'user-2') console.log((d.at - Date.UTC(2026, 2, 2, 10)) / 1000, d.rule, d.outcome, d.guard, (d.since - Date.UTC(2026, 2, 2, 10)) / 1000, d.retryAt && (d.retryAt - Date.UTC(2026, 2, 2, 10)) / 1000)
console.log(r.violations)
console.log(r.trace.filter((l) => /jump|deploy/.test(l)).join('\n'))
for (const e of await s.log(0, 1000)) if (e.profile === 'user-2') console.log(e.seq, (e.now - Date.UTC(2026, 2, 2, 10)) / 1000, e.input.kind, e.input.kind === 'event' ? [(e.input.event.timestamp - Date.UTC(2026, 2, 2, 10)) / 1000, e.input.event.type, JSON.stringify(e.input.event.context)] : (e.input as any).at && ((e.input as any).at - Date.UTC(2026, 2, 2, 10)) / 1000)
