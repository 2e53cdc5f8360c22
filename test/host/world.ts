import {
  type CanonicalEvent,
  definePlan,
  defineWaymark,
  type Logger,
  type Message,
  type Plugin,
  type SendOutcome,
  type Store,
  type WaymarkConfig,
} from '@waymark/core'
import { createHost, type Host, silentLogger, type VirtualClock, virtualClock } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { z } from 'zod'

export const START = Date.UTC(2026, 2, 2, 10)
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const plan = definePlan({
  events: { signed_up: z.object({}), used: z.object({ feature: z.string(), seats: z.number().default(1) }) },
  traits: z.object({ email: z.string().optional(), plan: z.string().optional() }),
})
const { did, inactive, otherwise } = plan.behaviour

/** A channel that keeps what it sends, and answers as it is told to. */
export function recorder(answers: readonly SendOutcome[] = []): Plugin & { readonly sent: Message[] } {
  const sent: Message[] = []
  const queue = [...answers]
  return {
    name: 'recorder',
    purpose: 'personalization',
    sent,
    channel: {
      name: 'recorder',
      reach: 'inside',
      async send(message) {
        const outcome = queue.shift() ?? { status: 'sent' }
        if (outcome.status === 'sent') sent.push(message)
        return outcome
      },
    },
  }
}

export const toRecorder = (title: string) => ({ channel: 'recorder', kind: 'note', content: { title } })

export function configWith(store: Store, plugins: readonly Plugin[], more: Partial<WaymarkConfig> = {}): WaymarkConfig {
  const hasChannel = plugins.some(({ channel }) => channel !== undefined)
  return defineWaymark({
    plan,
    segments: [plan.segments('engagement', { engaged: did('used').distinct('feature').atLeast(3).within('48h').of('signed_up'), 'at-risk': otherwise })],
    rules: [
      plan.rule('tip', { when: did('used', { feature: 'A' }).atLeast(2), send: toRecorder('Go on with A') }),
      plan.rule('come-back', { when: inactive('24h'), send: toRecorder('Come back') }),
    ],
    plugins: hasChannel ? plugins : [...plugins, recorder()],
    store,
    governance: { consent: { unset: { personalization: 'granted' } } },
    ...more,
  })
}

export interface World {
  readonly host: Host
  readonly clock: VirtualClock
  /** Now, by the virtual clock. */
  does(userId: string, event: string, properties?: CanonicalEvent['properties'], more?: Partial<CanonicalEvent>): Promise<string>
}

let count = 0

/** A host under a virtual clock, on a store of its own. */
export async function world(options: { config?: WaymarkConfig; plugins?: readonly Plugin[]; clock?: VirtualClock; logger?: Logger } = {}): Promise<World> {
  const clock = options.clock ?? virtualClock(START)
  const host = await createHost(options.config ?? configWith(sqlite(':memory:'), options.plugins ?? []), {
    effects: { clock, random: () => 0 },
    logger: options.logger ?? silentLogger,
  })
  return {
    host,
    clock,
    async does(userId, event, properties = {}, more = {}) {
      count += 1
      const [outcome] = await host.ingest([
        {
          type: 'track',
          event,
          messageId: `m${count}`,
          userId,
          timestamp: clock.now(),
          receivedAt: clock.now(),
          properties,
          traits: {},
          context: {},
          integrations: {},
          source: 'test',
          ...more,
        },
      ])
      await host.settled()
      return outcome === undefined ? '' : 'reason' in outcome ? `${outcome.status}: ${outcome.reason}` : outcome.status
    },
  }
}
