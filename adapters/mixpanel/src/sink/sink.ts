import type { CanonicalEvent, DeliveryOutcome, PluginContext, Sink } from '@waymark/core'
import { halves, mapped, parcels, tagOf, textOfError } from '@waymark/kit'
import { HOSTS } from '../hosts.ts'
import { REQUEST_BYTES, ROWS_A_REQUEST } from '../limits.ts'
import type { MixpanelOptions, MixpanelSinkOptions } from '../options.ts'
import { type Endpoint, type Row, toMixpanel } from '../to-mixpanel.ts'
import { type Account, createAccount, type Numbered } from './account.ts'
import { importEvents } from './import-events.ts'
import { createClient, updateProfiles } from './update-profiles.ts'
import type { Verdict } from './verdict.ts'

const TIMEOUT = 10_000

/** Events first: what makes a user of a visitor is among them. What must not happen twice comes last, when all else of its event is through. */
const LANES: readonly ((row: Row) => boolean)[] = [
  ({ endpoint }) => endpoint === 'import',
  ({ endpoint }) => endpoint === 'groups',
  ({ endpoint, repeatable }) => endpoint === 'engage' && repeatable,
  ({ repeatable }) => !repeatable,
]

/** A sink that takes every event to Mixpanel: events to /import, profiles and groups through the SDK. */
export function sink(options: MixpanelOptions & { readonly sink: MixpanelSinkOptions }): Sink {
  const { token, timeout = TIMEOUT, learned, host = HOSTS[options.region ?? 'us'].ingest } = options.sink
  const client = createClient(token, host)
  const importing = { host, token, timeout, serviceAccount: options.serviceAccount }

  function send(rows: readonly Numbered[], context: PluginContext): Promise<Verdict> {
    const bare = rows.map(({ row }) => row)
    const endpoint: Endpoint = rows[0]!.endpoint
    return endpoint === 'import' ? importEvents(bare, importing, context) : updateProfiles(client, `/${endpoint}`, bare, timeout, context)
  }

  function write(event: CanonicalEvent, now: number): ReturnType<typeof toMixpanel> {
    try {
      const wanted = mapped(event, options.mapping?.outgoing)
      if (wanted === undefined) return { ok: true, value: { rows: [] } }
      const { identity = 'simplified', groupKey = 'company' } = options
      return toMixpanel(wanted, { token, identity, groupKey, tag: tagOf(token), now })
    } catch (error) {
      return { ok: false, reason: `it cannot be written for Mixpanel: ${textOfError(error)}` }
    }
  }

  return {
    maxBatch: ROWS_A_REQUEST,
    integrations: ['Mixpanel'],
    ...(learned === undefined ? {} : { learned }),
    deliver: (events, context) => deliver(events, context, write, send),
  }
}

async function deliver(
  events: readonly CanonicalEvent[],
  context: PluginContext,
  write: (event: CanonicalEvent, now: number) => ReturnType<typeof toMixpanel>,
  send: (rows: readonly Numbered[], context: PluginContext) => Promise<Verdict>,
): Promise<readonly DeliveryOutcome[]> {
  const account = createAccount(events.length)
  const skipped = new Map<string, number>()
  const rows = events.flatMap((event, index): Numbered[] => {
    const written = write(event, context.clock.now())
    if (!written.ok) account.reject(index, written.reason)
    else if (written.value.skipped !== undefined) skipped.set(written.value.skipped, (skipped.get(written.value.skipped) ?? 0) + 1)
    return written.ok ? written.value.rows.map((row) => ({ ...row, index })) : []
  })
  for (const [reason, count] of skipped) context.log.warn('Mixpanel has no place for part of some events; it was left out', { reason, events: count })
  account.expect(rows)
  for (const isInLane of LANES) {
    const lane = rows.filter((row) => isInLane(row) && account.goesOn(row.index))
    await sendLane(lane, account, (parcel) => send(parcel, context))
  }
  return account.outcomes()
}

/** Sends rows in order, in requests below the limits. One that is refused as a whole is halved until those at fault are found. */
async function sendLane(rows: readonly Numbered[], account: Account, send: (rows: readonly Numbered[]) => Promise<Verdict>): Promise<void> {
  // What must not happen twice goes alone: no answer for another one leaves it in doubt.
  const items = rows[0]?.repeatable === false ? 1 : ROWS_A_REQUEST
  const waiting = parcels(rows, { items, bytes: REQUEST_BYTES })
  for (let parcel = waiting.shift(); parcel !== undefined; parcel = waiting.shift()) {
    const verdict = await send(parcel)
    if (verdict.kind === 'refused' && parcel.length > 1) waiting.unshift(...halves(parcel))
    else account.note(parcel, verdict)
    if (verdict.kind === 'later') return
  }
}
