import { type CanonicalEvent, createEngine, definePlan, type Profile, TRUE } from '@waymark/core'
import { Engine } from 'json-rules-engine'
import { z } from 'zod'
import { compared, type Measurement, perSecond } from '../measure.ts'
import { canonical, type Dice, dice } from '../workload.ts'

const name = 'engine.vs_json_rules_engine'
const USERS = 2_000
const EVENTS = 20_000

const traits = z.object({ plan: z.string(), role: z.string(), seats: z.number(), projects: z.number() })
type Traits = z.infer<typeof traits>

const PLANS = ['free', 'pro', 'team', 'enterprise']
const ROLES = ['owner', 'admin', 'member']
/** What a rule asks for: this text in one trait, and at least so much in another. Both engines' rules are made of these. */
const RULES: readonly (readonly ['plan' | 'role', string, 'seats' | 'projects', number])[] = [
  ['plan', 'free', 'seats', 5],
  ['plan', 'free', 'projects', 3],
  ['plan', 'pro', 'seats', 20],
  ['plan', 'pro', 'projects', 8],
  ['plan', 'team', 'seats', 50],
  ['plan', 'team', 'projects', 12],
  ['plan', 'enterprise', 'seats', 80],
  ['role', 'owner', 'seats', 10],
  ['role', 'admin', 'projects', 5],
  ['role', 'member', 'projects', 15],
]

/**
 * The one thing both can do: rules over what is known of a user now. Every event brings all traits anew, so that each rule is
 * up for evaluation; json-rules-engine gets them as facts, with one instance and one run after the other, as its guide has it.
 */
export const jsonRulesEngine: Measurement = {
  rows: [
    {
      name,
      compares: '10 rules of two conditions over the traits that every event brings, already parsed / the same rules and facts in `json-rules-engine`',
      target: { atLeast: 20 },
    },
  ],
  async run() {
    const random = dice(11)
    const ofUsers = Array.from({ length: USERS }, () => draw(random))
    const events = Array.from({ length: EVENTS }, (_, index): CanonicalEvent => {
      const user = random(USERS)
      // One event in five says something new of its user.
      if (random(5) === 0) ofUsers[user] = draw(random)
      const at = Date.UTC(2026, 0, 1) + index * 1_000
      return { ...canonical('', `bench-${index}`, `user-${user}`, at, {}), type: 'identify', event: undefined, traits: { ...ofUsers[user] } } as never
    })
    const waymark = waymarkEngine()
    const other = otherEngine()
    await assertAgreement(waymark, other, events.slice(0, 2_000))
    const speed = await perSecond(5, events.length, {
      waymark() {
        const profiles = new Map<string, Profile>()
        let decisions = 0
        for (const event of events) {
          const id = event.userId as string
          const step = waymark.step(profiles.get(id), id, { kind: 'event', event }, event.timestamp)
          profiles.set(id, step.profile)
          decisions += step.decisions.length
        }
        return decisions
      },
      async other() {
        let matches = 0
        for (const { traits: facts } of events) matches += (await other.run(facts)).events.length
        return matches
      },
    })
    return [compared(name, speed['waymark'] as number, speed['other'] as number)]
  },
}

function draw(random: Dice): Traits {
  return { plan: PLANS[random(4)] as string, role: ROLES[random(3)] as string, seats: random(100), projects: random(20) }
}

function waymarkEngine(): ReturnType<typeof createEngine> {
  const plan = definePlan({ events: {}, traits })
  const { trait } = plan.behaviour
  return createEngine({
    segments: [],
    rules: RULES.map(([text, is, amount, least], index) =>
      plan.rule(`rule-${index}`, { when: trait(text).is(is).and(trait(amount).atLeast(least)), send: { channel: 'in-app', kind: 'modal', content: {} } }),
    ),
    governance: { consent: { unset: { personalization: 'granted' } } },
    channels: { 'in-app': { purpose: 'personalization', reach: 'inside' } },
  })
}

function otherEngine(): Engine {
  return new Engine(
    RULES.map(([text, is, amount, least], index) => ({
      name: `rule-${index}`,
      event: { type: `rule-${index}` },
      conditions: {
        all: [
          { fact: text, operator: 'equal', value: is },
          { fact: amount, operator: 'greaterThanInclusive', value: least },
        ],
      },
    })),
  )
}

/** A comparison of speed means something only while both say the same. */
async function assertAgreement(waymark: ReturnType<typeof createEngine>, other: Engine, events: readonly CanonicalEvent[]): Promise<void> {
  const profiles = new Map<string, Profile>()
  for (const event of events) {
    const id = event.userId as string
    const { profile } = waymark.step(profiles.get(id), id, { kind: 'event', event }, event.timestamp)
    profiles.set(id, profile)
    const ours = waymark.read(profile, event.timestamp).rules.flatMap(({ rule, truth }) => (truth === TRUE ? [rule] : []))
    const theirs = (await other.run(event.traits)).events.map(({ type }) => type).toSorted()
    if (ours.toSorted().join() !== theirs.join()) throw new Error(`${event.messageId}: ${ours.join()} here, ${theirs.join()} in json-rules-engine`)
  }
}
