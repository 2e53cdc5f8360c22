import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEvent, type WaymarkConfig } from '@waymark/core'
import { replay } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { afterAll, expect, it } from 'vitest'

/** The config that the README opens with is taken out of it and run. */
const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const file = join(import.meta.dirname, 'readme-config.generated.ts')
afterAll(() => rmSync(file, { force: true }))

it('opens with a config that runs as it says', async () => {
  writeFileSync(file, /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '')
  const config = ((await import(file)) as { default: WaymarkConfig }).default
  const events = [
    { userId: 'explorer', event: 'signed_up', properties: { plan: 'free' }, hour: 0 },
    ...['A', 'B', 'C'].map((feature, index) => ({ userId: 'explorer', event: 'feature_used', properties: { feature }, hour: index })),
    { userId: 'skipper', event: 'signed_up', properties: { plan: 'free' }, hour: 1 },
    { userId: 'skipper', event: 'onboarding_skipped', properties: { screen: 'invite' }, hour: 1 },
    { userId: 'misfit', event: 'signed_up', properties: { plan: 'gold' }, hour: 2 },
    ...[3, 3, 3, 5, 5].map((hour) => ({ userId: 'explorer', event: 'feature_used', properties: { feature: 'A' }, hour })),
  ].map(({ hour, ...event }, index) => ({
    ...event,
    type: 'track',
    messageId: `m${index}`,
    timestamp: new Date(Date.UTC(2026, 4, 4, 9 + hour, index)).toISOString(),
    context: { consent: { categoryPreferences: { personalization: true, marketing: true } } },
  }))
  const last = parseEvent(events.at(-1), { source: 'test', receivedAt: Number.MAX_SAFE_INTEGER })
  const store = sqlite(':memory:')
  await store.open()
  const summary = await replay(
    config,
    store,
    events.map((event) => JSON.stringify(event)),
    { until: (last.ok ? last.value.timestamp : 0) + 3 * 86_400_000 },
  )
  await store.close()
  expect(summary).toMatchObject({
    events: 12,
    accepted: 11,
    quarantined: 1,
    profiles: 2,
    segments: { engagement: { engaged: 1, 'at-risk': 1 } },
    decisions: { 'advanced-tip': { sent: 1 }, 'core-benefits': { sent: 1 }, 'come-back': { sent: 2 } },
  })
})
