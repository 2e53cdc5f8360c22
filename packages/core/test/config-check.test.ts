import { type } from 'arktype'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineWaymark, type WaymarkConfig } from '../src/config.ts'
import { assertConfig, checkConfig } from '../src/config-check.ts'
import { WaymarkError } from '../src/errors.ts'
import { definePlan } from '../src/plan/define-plan.ts'
import type { Plugin } from '../src/plugin/plugin.ts'
import type { Store } from '../src/store.ts'

const plan = definePlan({ events: { signed_up: z.object({}), feature_used: type({ feature: 'string' }) }, traits: z.object({}) })
const { did, inactive, inSegment, holding, otherwise } = plan.behaviour
const send = { channel: 'note', kind: 'card', content: { text: 'Hi' } }
const engagement = plan.segments('engagement', { engaged: did('feature_used').atLeast(3), 'at-risk': otherwise })
const comeBack = plan.rule('come-back', { when: inactive('24h').and(inSegment(engagement, 'at-risk')), send, limit: { max: 1, per: '7d' } })

function note(name = 'notes'): Plugin {
  return {
    name,
    purpose: 'personalization',
    channel: {
      name: 'note',
      reach: 'inside',
      check: (kind, content) => [...(kind === 'card' ? [] : [`there is no '${kind}'`]), ...(content['text'] === undefined ? ['text: missing'] : [])],
      send: async () => ({ status: 'sent' }),
    },
  }
}

/** Only its shape counts here: checking a config opens nothing. */
const store = Object.fromEntries(['open', 'close', 'transaction', 'log'].map((method) => [method, async () => undefined])) as unknown as Store

const config: WaymarkConfig = defineWaymark({
  plan,
  segments: [engagement],
  rules: [comeBack],
  plugins: [note()],
  store,
  governance: {
    frequencyCap: { max: 3, per: '1d' },
    quietHours: { from: '21:00', to: '08:00', timezone: 'Europe/Berlin' },
    consent: { unset: { analytics: 'denied' }, categories: { Advertising: 'marketing' } },
  },
})

function problems(change: object): readonly string[] {
  return checkConfig({ ...config, ...change }).map(({ place, message }) => `${place}: ${message}`)
}

describe('checkConfig', () => {
  it('has nothing to say of a config that can run', () => {
    expect(checkConfig(config)).toEqual([])
    expect(checkConfig({ plan, store })).toEqual([])
    expect(checkConfig({ ...config, sessions: { gap: '45m' }, rules: [{ ...comeBack, backfill: 'send' }] })).toEqual([])
  })

  it('never throws, and says something of whatever is no config', () => {
    fc.assert(fc.property(fc.anything(), (value) => checkConfig(value).length > 0))
    const field = fc.constantFrom('plan', 'segments', 'rules', 'plugins', 'store', 'governance', 'sessions')
    fc.assert(fc.property(field, fc.jsonValue(), (name, value) => void checkConfig({ ...config, [name]: value })))
    fc.assert(
      fc.property(fc.constantFrom('segments', 'rules', 'plugins'), fc.array(fc.object()), (name, value) => void checkConfig({ ...config, [name]: value })),
    )
  })

  it.each<[string, object, readonly string[]]>([
    ['a field that there is not', { segmants: [] }, ["segmants: there is no such field. Did you mean 'segments'?"]],
    ['a missing plan', { plan: undefined }, ['plan: missing']],
    ['an event without a schema', { plan: { ...plan, events: { ...plan.events, a: {} } } }, ["plan.events 'a': an object is not a schema"]],
    [
      'a name that is ours',
      { plan: { ...plan, events: { ...plan.events, waymark_message_seen: z.object({}) } } },
      ["plan.events 'waymark_message_seen': this name is for the answers to messages, and known to every plan"],
    ],
    [
      'a name that stands for any',
      { plan: { ...plan, events: { ...plan.events, '*': z.object({}) } } },
      ["plan.events '*': this name stands for any activity in conditions"],
    ],
    ['sessions without a gap', { sessions: {} }, ['sessions.gap: nothing is not a duration longer than zero']],
    ['a gap in words', { sessions: { gap: '30 minutes' } }, ["sessions.gap: '30 minutes' is not a duration longer than zero"]],
    ['a gap that is none', { sessions: '30m' }, ["sessions: expected an object, found '30m'"]],
    ['what else sessions have', { sessions: { gap: '30m', gab: 1 } }, ["sessions.gab: there is no such field. Did you mean 'gap'?"]],
    ['a missing store', { store: undefined }, ['store: missing']],
    ['a store that is none', { store: { open: () => undefined } }, ['store: not a store: it has no close, transaction, log']],
  ])('names %s', (_, change, expected) => {
    expect(problems(change)).toEqual(expected)
  })

  it.each<[string, object, readonly string[]]>([
    ['two of one name', { segments: [engagement, engagement] }, ["segments[1] 'engagement' .id: segments[0] 'engagement' has the same id"]],
    [
      'otherwise before the end',
      {
        segments: [
          {
            id: 'engagement',
            members: [
              { name: 'at-risk', when: { kind: 'otherwise' } },
              { name: 'engaged', when: did('signed_up').condition },
            ],
          },
        ],
      },
      ["segments[0] 'engagement' .members[0] 'at-risk' .when: 'otherwise' stands only as the last member of a segment"],
    ],
    [
      'an unknown event',
      { segments: [engagement, { id: 's', members: [{ name: 'm', when: { ...did('signed_up').condition, event: 'signd_up' } }] }] },
      ["segments[1] 's' .members[0] 'm' .when.event: the plan has no event 'signd_up'. Did you mean 'signed_up'?"],
    ],
    [
      'a member that is a builder',
      { segments: [engagement, { id: 's', members: [{ name: 'm', when: inactive('1d') }] }] },
      ["segments[1] 's' .members[0] 'm' .when: this is a builder's value, not the condition it builds"],
    ],
    [
      'a name that every object has',
      { rules: [], segments: [{ id: 'constructor', members: [{ name: 'toString', when: did('signed_up').condition }] }] },
      [
        "segments[0] 'constructor' .id: 'constructor' cannot be a name: every object of JavaScript has it",
        "segments[0] 'constructor' .members[0] 'toString' .name: 'toString' cannot be a name: every object of JavaScript has it",
      ],
    ],
    [
      'more in otherwise than that',
      {
        rules: [],
        segments: [
          {
            id: 's',
            members: [
              { name: 'm', when: did('signed_up').condition },
              { name: 'rest', when: { kind: 'otherwise', of: [] } },
            ],
          },
        ],
      },
      ["segments[0] 's' .members[1] 'rest' .when.of: there is no such field."],
    ],
    [
      'no members',
      { rules: [], segments: [{ id: 's', members: [] }] },
      ["segments[0] 's' .members: expected a list of members, each with a name and a condition"],
    ],
  ])('names a segment with %s', (_, change, expected) => {
    expect(problems(change)).toEqual(expected)
  })

  it('names segments that depend on themselves, once a circle', () => {
    const ask = (segment: string) => ({ kind: 'inSegment', segment, member: 'm' })
    const segment = (id: string, asked: string) => ({ id, members: [{ name: 'm', when: ask(asked) }] })
    expect(problems({ rules: [], segments: [segment('a', 'b'), segment('b', 'c'), segment('c', 'a'), segment('d', 'a')] })).toEqual([
      "segments[0] 'a': its members depend on themselves: a → b → c → a",
    ])
    const until = did('signed_up').condition
    const held = { id: 'held', members: [{ name: 'm', when: { kind: 'holding', from: until, until: { kind: 'not', of: ask('held') } } }] }
    expect(problems({ rules: [], segments: [held] })).toEqual(["segments[0] 'held': its members depend on themselves: held → held"])
    expect(problems({ rules: [], segments: [segment('self', 'self')] })).toEqual(["segments[0] 'self': its members depend on themselves: self → self"])
  })

  it.each<[string, object, readonly string[]]>([
    ['a duplicate', { rules: [comeBack, comeBack] }, ["rules[1] 'come-back' .id: rules[0] 'come-back' has the same id"]],
    ['a segment that is not in the config', { segments: [] }, ["rules[0] 'come-back' .when.of[1].segment: there is no segment 'engagement'."]],
    [
      'a limit of no length',
      { rules: [{ ...comeBack, limit: { max: 1, per: '7 days' } }] },
      ["rules[0] 'come-back' .limit.per: '7 days' is not a duration longer than zero"],
    ],
    [
      'a limit of nothing',
      { rules: [{ ...comeBack, limit: { max: 0, per: '7d' } }] },
      ["rules[0] 'come-back' .limit.max: 0 is not a whole number of messages, 1 or more"],
    ],
    [
      'a builder for a condition',
      { rules: [{ ...comeBack, when: inactive('1d') }] },
      ["rules[0] 'come-back' .when: this is a builder's value, not the condition it builds"],
    ],
    ['nothing to send', { rules: [{ id: 'r', when: inactive('1d').condition }] }, ["rules[0] 'r' .send: missing"]],
    [
      'a channel that no plugin has',
      { rules: [{ ...comeBack, send: { ...send, channel: 'email' } }] },
      ["rules[0] 'come-back' .send.channel: no plugin brings 'email' messages"],
    ],
    [
      'a message that its channel refuses',
      { rules: [{ ...comeBack, send: { ...send, kind: 'poster', content: {} } }] },
      ["rules[0] 'come-back' .send: there is no 'poster'", "rules[0] 'come-back' .send: text: missing"],
    ],
    ['a way to begin that there is not', { rules: [{ ...comeBack, backfill: 'silent' }] }, ["rules[0] 'come-back' .backfill: 'silent' is not a way to begin"]],
    [
      'an unknown segment, also in what holds',
      { segments: [], rules: [{ ...comeBack, when: holding(inactive('1d')).until(inSegment(engagement, 'engaged')).condition }] },
      ["rules[0] 'come-back' .when.until.segment: there is no segment 'engagement'."],
    ],
    [
      'a name that every object has',
      { rules: [{ ...comeBack, id: 'toString' }] },
      ["rules[0] 'toString' .id: 'toString' cannot be a name: every object of JavaScript has it"],
    ],
    ['a priority that is none', { rules: [{ ...comeBack, priority: 'high' }] }, ["rules[0] 'come-back' .priority: 'high' is not a finite number"]],
    ['a field that there is not', { rules: [{ ...comeBack, limits: {} }] }, ["rules[0] 'come-back' .limits: there is no such field. Did you mean 'limit'?"]],
  ])('names a rule with %s', (_, change, expected) => {
    expect(problems(change)).toEqual(expected)
  })

  it('says which package would bring a channel', () => {
    const [problem] = checkConfig({ ...config, rules: [{ ...comeBack, send: { ...send, channel: 'email' } }] })
    expect(problem?.mend).toBe('add the plugin for it to plugins, for example the one of @waymark/channel-email')
  })

  it.each<[string, object, readonly string[]]>([
    ['one name twice', { plugins: [note(), { ...note(), channel: undefined }] }, ["plugins[1] 'notes' .name: 'notes' is also the name of plugins[0] 'notes'"]],
    ['one channel twice', { plugins: [note(), note('more')] }, ["plugins[1] 'more' .channel.name: plugins[0] 'notes' .channel takes 'note' messages already"]],
    ['no purpose', { plugins: [{ ...note(), purpose: undefined }] }, ["plugins[0] 'notes' .purpose: it declares no purpose, so nobody can consent to it"]],
    ['a purpose that there is not', { plugins: [{ ...note(), purpose: 'fun' }] }, ["plugins[0] 'notes' .purpose: 'fun' is not a purpose"]],
    ['a plugin that was not called', { rules: [], plugins: [note] }, ['plugins[0]: expected a plugin, found a function']],
    ['a name that is no folder', { plugins: [note('a/b')] }, ["plugins[0] 'a/b' .name: 'a/b' is not a name"]],
  ])('names plugins with %s', (_, change, expected) => {
    expect(problems(change)).toEqual(expected)
  })

  it.each<[string, object, readonly string[]]>([
    [
      'a cap',
      { frequencyCap: { max: 2.5, per: '0d' } },
      ['governance.frequencyCap.max: 2.5 is not a whole number of messages, 1 or more', "governance.frequencyCap.per: '0d' is not a duration longer than zero"],
    ],
    ['a misspelt cap', { frequencyCaps: {} }, ["governance.frequencyCaps: there is no such field. Did you mean 'frequencyCap'?"]],
    [
      'a time of day',
      { quietHours: { from: '9pm', to: '24:00' } },
      ["governance.quietHours.from: '9pm' is not a time of day", "governance.quietHours.to: '24:00' is not a time of day"],
    ],
    ['no hours', { quietHours: { from: '08:00', to: '08:00' } }, ["governance.quietHours: from '08:00' to '08:00' is no time at all"]],
    ['a time zone', { quietHours: { from: '21:00', to: '08:00', timezone: 'Berlin' } }, ["governance.quietHours.timezone: 'Berlin' is not a time zone"]],
    ['an answer', { consent: { unset: { marketing: true } } }, ['governance.consent.unset.marketing: true is no answer']],
    [
      'a purpose',
      { consent: { unset: { adverts: 'denied' }, categories: { Ads: 'adverts' } } },
      ['governance.consent.unset.adverts: there is no such field.', "governance.consent.categories.Ads: 'adverts' is not a purpose"],
    ],
    ['what needs no consent', { consent: { unset: { essential: 'denied' } } }, ['governance.consent.unset.essential: essential needs no consent']],
  ])('names %s that cannot be', (_, governance, expected) => {
    expect(problems({ governance })).toEqual(expected)
  })
})

describe('assertConfig', () => {
  it('lists all problems, with their places and what to do', () => {
    try {
      assertConfig({ ...config, store: undefined, rules: [{ ...comeBack, limit: { max: 1, per: '7 days' } }] })
      expect.unreachable()
    } catch (error) {
      expect(WaymarkError.is(error) && error.code).toBe('CONFIG_INVALID')
      expect((error as Error).message).toBe(`the config has 2 problems:

  rules[0] 'come-back' .limit.per
    '7 days' is not a duration longer than zero
    → write a number and a unit, for example '30m', '48h' or '7d'

  store
    missing
    → write for example sqlite('./data/waymark.db') of @waymark/store-sqlite
`)
    }
  })

  it('lets a sound config pass', () => {
    expect(() => assertConfig(config)).not.toThrow()
  })
})
