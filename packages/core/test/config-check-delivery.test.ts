import { checkConfig, defineWaymark, type Plugin, type WaymarkConfig } from '@waymark/core'
import { describe, expect, it } from 'vitest'
import { plan } from './typed-plan.ts'

const store = { open() {}, close() {}, transaction() {}, log() {} } as unknown as WaymarkConfig['store']
const problemsOf = (more: object) => checkConfig(defineWaymark({ plan, store, ...more })).map(({ place, message }) => `${place}: ${message}`)

describe('retention', () => {
  it('may be left out, or set as durations and numbers', () => {
    expect(problemsOf({ retention: { deadLetters: { age: '30d', max: 10 }, quarantine: {} } })).toEqual([])
  })

  it('names what is no duration, no number and no field', () => {
    expect(problemsOf({ retention: { deadLetters: { age: 'long', max: 0 }, quarantine: 7, quarantined: {} } })).toEqual([
      expect.stringMatching(/^retention\.quarantined: there is no such field\. Did you mean/),
      expect.stringMatching(/^retention\.deadLetters\.age: 'long' is not a duration/),
      expect.stringMatching(/^retention\.deadLetters\.max: 0 is not a whole number/),
      expect.stringMatching(/^retention\.quarantine: expected an object, found 7/),
    ])
  })
})

describe('what a channel declares of its deliveries', () => {
  const channel = (more: object): Plugin => ({
    name: 'mail',
    purpose: 'essential',
    channel: { name: 'mail', reach: 'outside', send: async () => ({ status: 'sent' }), ...more },
  })

  it('is a window and a number', () => {
    expect(problemsOf({ plugins: [channel({ dedup: { windowMs: Number.POSITIVE_INFINITY }, concurrency: 1 })] })).toEqual([])
    expect(problemsOf({ plugins: [channel({ dedup: { windowMs: '24h' }, concurrency: 0.5 })] })).toEqual([
      "plugins[0] 'mail' .channel.dedup: '24h' is not a time",
      "plugins[0] 'mail' .channel.concurrency: 0.5 is not a whole number of messages, 1 or more",
    ])
    expect(problemsOf({ plugins: [channel({ dedup: 5 })] })).toEqual(["plugins[0] 'mail' .channel.dedup: 5 is not a time"])
  })
})
