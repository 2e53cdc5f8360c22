import { WaymarkError } from '@waymark/core'
import { memoryContext } from '@waymark/testkit/plugin'
import { vendorServer } from '@waymark/testkit/vendors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { at, cohortTrait, isSameSecret, optionChecks, pause, post, put, sourceLabels, sourceNames, unlessBusy } from '../src/index.ts'

it('tells whether all of an answer was read', async () => {
  const vendor = await vendorServer<string>(() => ({ status: 200, body: 'x'.repeat(1000) }))
  const read = (mostBytes: number) => post({ url: vendor.url, mostBytes }, memoryContext())
  expect([await read(1000), await read(999)]).toMatchObject([{ isWhole: true }, { isWhole: false }])
  await vendor.stop()
})

describe('who is let in', () => {
  it('is named as somebody named it, and by the plugin that mirrors it', () => {
    const named = { key: 'web' }
    expect(['key', 'other'].map(sourceNames(named))).toEqual(['web', undefined])
    expect(['key', 'other'].map(sourceNames(['key'], 'acme'))).toEqual(['acme:key', undefined])
    expect(['key', 'toString'].map(sourceNames(undefined))).toEqual(['key', 'toString'])
    expect(sourceNames(named)('toString')).toBeUndefined()
    expect([sourceLabels(named, sourceNames(named, 'acme')), sourceLabels(['key'], sourceNames(['key']))]).toEqual([['acme:web'], []])
  })

  it.each([[{}], [[]], [{ '': 'web' }], [{ key: '' }], [['']]])('is somebody: %j is refused', (senders) => {
    expect(() => optionChecks('acme').expectSenders('keys', senders as never)).toThrow(/acme\(\{ keys \}\)/)
  })

  it('knows its secret', () => expect([isSameSecret('a', 'a'), isSameSecret('a', 'ab'), isSameSecret('', 'a')]).toEqual([true, false, false]))
})

it('has the sender come back where the host is full, and lets all else through', async () => {
  const answer = (error: unknown) =>
    unlessBusy(
      async () => Promise.reject(error),
      ({ status, headers }) => new Response(null, { status, headers: { ...headers } }),
    )
  for (const [code, wait] of [
    ['BUSY', '1'],
    ['STORE_FULL', '5'],
  ] as const) {
    const { status, headers } = await answer(new WaymarkError(code, 'not now'))
    expect([status, headers.get('retry-after')]).toEqual([503, wait])
  }
  await expect(answer(new WaymarkError('PLAN_INVALID', 'never'))).rejects.toThrow('never')
  await expect(answer(new Error('oops'))).rejects.toThrow('oops')
})

it('waits by the clock of the host, and no longer than the host', async () => {
  const context = memoryContext()
  let isOver = false
  const waiting = pause(1000, context).then(() => {
    isOver = true
  })
  await context.clock.moveTo(context.time + 999)
  expect(isOver).toBe(false)
  await context.clock.moveTo(context.time + 1)
  await waiting
  const stop = new AbortController()
  const broken = pause(1000, { ...context, signal: stop.signal })
  stop.abort()
  await broken
  await pause(1000, { ...context, signal: stop.signal })
})

it('finds what it has put, wherever that is', () => {
  const path = fc.array(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 4 }).map((keys) => keys.join('.'))
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,2}$/), fc.jsonValue(), { noNullPrototype: true }), path, fc.jsonValue(), (target, way, value) => {
      put(target, way, value)
      expect(at(target, way)).toEqual(value)
      expect(at(target, `${way}.toString`)).toBeUndefined()
    }),
  )
})

it.each([
  ['Power users!', 'cohort_power_users'],
  ['  Ärzte / Kliniken ', 'cohort_ärzte_kliniken'],
])('names the trait of the cohort %j', (cohort, trait) => expect(cohortTrait('cohort', cohort)).toBe(trait))
