import { expect, it } from 'vitest'
import { amplitude } from '../src/index.ts'

it.each<[string, unknown, RegExp]>([
  ['a misspelt option', { apikeys: {} }, /there is no such option/],
  ['a misspelt option of the sink', { sink: { key: 'AK' } }, /sink\.key/],
  ['no key', { sink: {} }, /sink\.apiKey.*Settings > Projects/],
  ['no keys let in', { apiKeys: [] }, /apiKeys/],
  ['a region there is not', { region: 'mars' }, /'us' or 'eu'/],
  ['a host with a path', { sink: { apiKey: 'AK', host: 'https://x/y' } }, /sink\.host/],
  ['an export without keys', { export: true }, /rest: \{ apiKey, secretKey \}/],
  ['a webhook without a secret', { webhooks: {} }, /webhooks\.secret/],
  ['a cohort of no member', { sink: { apiKey: 'AK', cohorts: { engagement: 'c' } } }, /engagement\/engaged/],
  ['a day in place of a moment', { rest: { apiKey: 'AK', secretKey: 'SK' }, export: { since: '2026-01-31' } }, /export\.since.*Date\.UTC/],
  ['a mapping to nothing', { mapping: { outgoing: { heartbeat: 7 } } }, /mapping\.outgoing.*heartbeat/],
  ['a name that is no folder', { name: 'My Amplitude' }, /name/],
])('%s is refused, with what to write instead', (_, options, message) => {
  expect(() => amplitude(options as never)).toThrow(message)
})
