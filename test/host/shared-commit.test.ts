import type { CanonicalEvent, IdentityKey, Message, SendOutcome, Store } from '@waymark/core'
import { sqlite } from '@waymark/store-sqlite'
import { expect, it } from 'vitest'
import { configWith, plan, START, toRecorder, world } from './world.ts'

const greet = plan.rule('greet', { when: plan.behaviour.did('signed_up').atLeast(1), send: toRecorder('Hello') })
let count = 0

function event(userId: string, more: Partial<CanonicalEvent> = {}): CanonicalEvent {
  count += 1
  return {
    ...{ type: 'track', event: 'signed_up', userId, messageId: `e${count}`, timestamp: START, receivedAt: START },
    ...{ properties: {}, traits: {}, context: {}, integrations: {}, source: 'test' },
    ...more,
  }
}

/** Counts the commits of a store. */
function counted(store: Store) {
  const commits = { count: 0 }
  const transaction: Store['transaction'] = async (work) => {
    const result = await store.transaction(work)
    commits.count += 1
    return result
  }
  return { commits, store: { ...store, transaction } }
}

/** Tells of calls within transactions. */
function watching(
  store: Store,
  { settle = () => {}, profilesOf = () => {} }: { readonly settle?: (key: string) => void; readonly profilesOf?: (keys: readonly IdentityKey[]) => void },
): Store {
  const transaction: Store['transaction'] = (work) =>
    store.transaction((tx) =>
      work({
        ...tx,
        settle(key, result) {
          settle(key)
          return tx.settle(key, result)
        },
        profilesOf(keys) {
          profilesOf(keys)
          return tx.profilesOf(keys)
        },
      }),
    )
  return { ...store, transaction }
}

async function greeting(store: Store, send: (message: Message) => Promise<SendOutcome>) {
  const channel = { name: 'recorder', purpose: 'personalization' as const, channel: { name: 'recorder', reach: 'inside' as const, send } }
  const { host } = await world({ config: configWith(store, [channel], { segments: [], rules: [greet] }) })
  return host
}

it('a message is claimed in the commit that decides it, and what came of ten sends is one more', async () => {
  const { commits, store } = counted(sqlite(':memory:'))
  const states: string[] = []
  const host = await greeting(store, async ({ key }) => {
    states.push(`${commits.count} commits, ${(await store.message(key))?.attempts} attempts`)
    return { status: 'sent' }
  })
  commits.count = 0
  await host.ingest(Array.from({ length: 10 }, (_, index) => event(`u${index}`)))
  await host.settled()
  expect(states).toEqual(Array(10).fill('1 commits, 1 attempts'))
  for (let index = 0; index < 10; index += 1) expect(await store.messages(`u${index}`)).toMatchObject([{ state: 'sent' }])
  expect(commits.count).toBe(2)
  await host.close()
})

it('what a user says later in that commit holds for the message', async () => {
  const sent: string[] = []
  const host = await greeting(sqlite(':memory:'), async ({ profile }) => {
    sent.push(profile)
    return { status: 'sent' }
  })
  const denies = { consent: { categoryPreferences: { personalization: false } } }
  await host.ingest([event('stays'), event('leaves'), event('leaves', { type: 'identify', timestamp: START + 1, receivedAt: START + 1, context: denies })])
  await host.settled()
  expect(sent).toEqual(['stays'])
  expect(await host.config.store.messages('leaves')).toMatchObject([{ state: 'cancelled', reason: 'consent was withdrawn' }])
  await host.close()
})

it('what came of a send does not wait behind the events that do', async () => {
  const { promise: answer, resolve: answers } = Promise.withResolvers<SendOutcome>()
  let done = 0
  const settled: number[] = []
  const host = await greeting(
    watching(sqlite(':memory:'), {
      settle: () => settled.push(done),
    }),
    () => answer,
  )
  await host.ingest([event('u')])
  const used = (): CanonicalEvent => event('v', { event: 'used', properties: { feature: 'B' } })
  const waiting = Array.from({ length: 20 }, async () => {
    await host.ingest(Array.from({ length: 1_000 }, used))
    done += 1
  })
  answers({ status: 'sent' })
  // It is full.
  await expect(host.ingest([used()])).rejects.toThrow(/too many events/)
  await Promise.all(waiting)
  expect(settled).toHaveLength(1)
  expect(settled[0]).toBeLessThan(3)
  await host.close()
})

it('an id is looked up once while its user is about', async () => {
  const asked: string[] = []
  const store = sqlite(':memory:')
  const host = await greeting(watching(store, { profilesOf: (keys) => asked.push(...keys) }), async () => ({ status: 'sent' }))
  for (let times = 0; times < 3; times += 1) await host.ingest([event('u', { anonymousId: 'a' })])
  expect(asked).toEqual(['user:u', 'anonymous:a'])
  // Somebody else with the same device stays apart, and so does the device.
  await host.ingest([event('w', { anonymousId: 'a' }), event('w')])
  await host.ingest([event('w')])
  expect(asked).toEqual(['user:u', 'anonymous:a', 'user:w'])
  expect((await store.log(0, 10)).map(({ profile }) => profile)).toEqual(['u', 'u', 'u', 'w', 'w', 'w'])
  // With the user the device goes over too, though that event does not name it.
  await host.ingest([event('n', { type: 'alias', previousId: 'u' })])
  const { userId: _, ...byDevice } = event('', { anonymousId: 'a' })
  await host.ingest([byDevice])
  expect((await store.log(6, 10)).map(({ profile, input }) => `${input.kind} ${profile}`)).toEqual(['merge n', 'event n', 'event n'])
  await host.close()
})
