import type { Message, Snapshot, Store, Transaction, WaymarkConfig } from '@waymark/core'

/** Something wrong with the host, to see that a simulation finds it. */
export interface Planted {
  readonly name: string
  /** The failure of somebody else's system that it is taken from. */
  readonly after: string
  /** It may take many hundred worlds to meet: only `pnpm sim --planted` looks for it. */
  readonly isRare?: true
  /** Called once for each world; what comes back changes what the host is made of, between it and the world. */
  readonly plant?: () => (config: WaymarkConfig) => WaymarkConfig
  /** Where no seam reaches: what to change in a module as it is loaded. */
  readonly patch?: { readonly file: string; readonly find: string; readonly replace: string }
}

type Change<T> = (original: T) => Partial<T>

function withStore(change: Change<Store>, changeTx: Change<Transaction> = () => ({})): (config: WaymarkConfig) => WaymarkConfig {
  return (config) => {
    const transaction: Store['transaction'] = (work) => config.store.transaction((tx) => work({ ...tx, ...changeTx(tx) }))
    return { ...config, store: { ...config.store, transaction, ...change(config.store) } }
  }
}

const inTransaction = (change: Change<Transaction>) => withStore(() => ({}), change)

export const PLANTED: readonly Planted[] = [
  {
    name: 'acknowledges before the commit is on disk',
    after: 'SQLite: WAL and NORMAL may lose the last commits',
    plant: () =>
      withStore((store) => ({
        transaction: (work) =>
          new Promise((resolve, reject) => {
            const told = store.transaction(async (tx) => {
              const result = await work(tx)
              resolve(result)
              return result
            })
            told.catch(reject)
          }),
      })),
  },
  {
    name: 'remembers the id of an event before the event',
    after: 'rudderlabs/rudder-server#709',
    plant() {
      const known = new Set<string>()
      return inTransaction((tx) => ({
        async claim(events, now) {
          const answers = await tx.claim(events, now)
          return events.map(({ source, messageId }, index) => {
            const key = `${source}/${messageId}`
            const isNew = answers[index] === true && !known.has(key)
            known.add(key)
            return isNew
          })
        },
      }))
    },
  },
  {
    name: 'reads the outbox by a cursor',
    after: 'Eventuous/eventuous#222',
    plant() {
      const cursors = new Map<string, string>()
      const placeOf = ({ decidedAt, key }: Message) => `${decidedAt} ${key}`
      return inTransaction((tx) => ({
        async due(channel, now, limit) {
          const due = (await tx.due(channel, now, limit)).filter((message) => placeOf(message) > (cursors.get(channel) ?? ''))
          const last = due.at(-1)
          if (last !== undefined) cursors.set(channel, placeOf(last))
          return due
        },
      }))
    },
  },
  {
    name: 'forgets timers when it is started again',
    after: 'temporalio/temporal#11869',
    plant: () => withStore(() => ({ wakes: async () => [] })),
  },
  {
    name: 'delivers a whole batch again when one event is rejected',
    after: 'mautic/mautic#7226, snowplow/snowplow#2438',
    plant: () => (config) => ({
      ...config,
      plugins: (config.plugins ?? []).map((plugin) => {
        const { sink } = plugin
        if (sink === undefined) return plugin
        const deliver: typeof sink.deliver = async (events, context) => {
          const outcomes = await sink.deliver(events, context)
          const isRejected = Array.isArray(outcomes) && outcomes.some((outcome) => outcome?.status === 'rejected')
          return isRejected ? events.map(() => ({ status: 'retry', reason: 'one was rejected' })) : outcomes
        }
        return { ...plugin, sink: { ...sink, deliver } }
      }),
    }),
  },
  {
    name: 'sends what was decided before consent was withdrawn',
    after: 'LeadCMS/leadcms.core#255',
    patch: { file: 'packages/core/src/engine/engine.ts', find: "return { stands: false, reason: 'consent was withdrawn' }", replace: 'void 0' },
  },
  {
    name: 'sends again under a new key',
    after: 'guarantee G4: one key for all attempts',
    plant: () => (config) => ({
      ...config,
      plugins: (config.plugins ?? []).map((plugin) => {
        const { channel } = plugin
        if (channel === undefined) return plugin
        const send: typeof channel.send = (message, recipient, context) =>
          channel.send({ ...message, key: message.attempts === 0 ? message.key : `${message.key}#${message.attempts}` }, recipient, context)
        return { ...plugin, channel: { ...channel, send } }
      }),
    }),
  },
  {
    name: 'sends for the past when a rule is changed',
    after: 'mautic/mautic#3340',
    plant: () => (config) => ({ ...config, rules: (config.rules ?? []).map((rule) => ({ ...rule, backfill: 'send' as const })) }),
  },
  {
    name: 'sends what fell due long ago',
    after: 'spec G6: steps long overdue are skipped',
    patch: { file: 'packages/core/src/engine/decide.ts', find: 'return moment < freshFrom && cause', replace: 'return false && cause' },
  },
  {
    name: 'passes by events that come late',
    after: 'test T5: 5% of events 48 h late',
    plant: () =>
      inTransaction((tx) => {
        const fresh = new Set<number>()
        return {
          async append(entries) {
            const seqs = await tx.append(entries)
            for (const seq of seqs) fresh.add(seq)
            return seqs
          },
          history: async (profile, upTo) => (await tx.history(profile, upTo)).filter(({ seq }) => !fresh.has(seq)),
        }
      }),
  },
  {
    name: 'writes that its snapshots are ahead of what they include',
    after: 'PostHog/posthog#20283',
    plant: () => inTransaction((tx) => ({ setCursor: (name, value) => tx.setCursor(name, name === 'checkpoint' ? String(Number(value) + 2) : value) })),
  },
  {
    name: 'holds a message for ever once it is claimed',
    after: 'inngest/inngest#2531',
    plant: () => inTransaction((tx) => ({ lease: (keys, _until, now) => tx.lease(keys, Number.MAX_SAFE_INTEGER, now), endLeases: async () => {} })),
  },
  {
    name: 'forgets what it has sent when it is started again',
    after: 'OneUptime/oneuptime#1983',
    plant() {
      const forgetful = <S extends Snapshot>(snapshot: S): S => ({ ...snapshot, profile: { ...snapshot.profile, sends: [] } })
      return inTransaction((tx) => ({ checkpoint: (taken) => tx.checkpoint(taken.map(forgetful)) }))
    },
  },
  {
    name: 'begins at the end of the log when it is started again',
    after: 'PostHog/posthog#20283',
    plant: () => withStore((store) => ({ cursor: async (name) => (name.startsWith('sink:') ? undefined : store.cursor(name)) })),
  },
  {
    name: 'delivers events of somebody who has said no',
    after: 'LeadCMS/leadcms.core#255',
    plant: () => (config) => ({
      ...config,
      plugins: (config.plugins ?? []).map((plugin) => (plugin.sink === undefined ? plugin : { ...plugin, purpose: 'essential' as const })),
    }),
  },
  {
    name: 'sends again at once what it could not account for',
    after: 'found here: an account that seemed to have failed was written over a later attempt',
    isRare: true,
    patch: { file: 'packages/host/src/claim.ts', find: '.filter(({ key }) => !underWay.has(key))', replace: '' },
  },
  {
    name: 'takes a commit that seemed to have failed as not written',
    after: 'found here: what was written was missing from memory, and from later snapshots',
    patch: {
      file: 'packages/host/src/log-writer.ts',
      find: 'if (isSure) void insist(clock, catchUp, () => !isClosing()).catch(() => {})\n        isSure = false',
      replace: '',
    },
  },
  {
    name: 'gives a sink the log from the beginning when it is started again',
    after: 'found here: a timer that fell due as the host started woke sinks before they knew their place',
    patch: { file: 'packages/host/src/sink.ts', find: 'if (isStarted) loop.wake()', replace: 'loop.wake()' },
  },
]
