import type { DeliveryOutcome } from '@waymark/core'
import { isObject } from '@waymark/core'
import { type Answer, parseJson, retryAfter } from '@waymark/kit'
import { QUOTA_FOR, type UploadLimits } from '../limits.ts'
import type { WireEvent } from '../to-amplitude.ts'

type Retry = Extract<DeliveryOutcome, { status: 'retry' }>

/** A user or device that Amplitude wants nothing of for a while. */
export interface Hold {
  readonly who: string
  readonly ms: number
}

/** What an answer says of an upload. */
export type Verdict =
  | { readonly kind: 'taken' }
  /** Some of it is at fault, by its place, each with the reason; some users and devices are to wait. Nothing was taken: the rest goes again. */
  | { readonly kind: 'cull'; readonly refused: ReadonlyMap<number, string>; readonly holds: readonly Hold[] }
  /** Refused as a whole, for the sake of some: of a single event it is the end. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'later'; readonly outcome: Retry }

/** What to look at, for answers that a wrong option brings about: nothing is lost while it is mended. */
const MENDS: Readonly<Record<number, string>> = {
  401: 'check sink.apiKey, and region',
  403: 'check sink.host and what stands between here and there; Amplitude itself answers 403 to what its firewall takes for an attack',
  404: 'check sink.host',
  405: 'check sink.host',
}

export function verdictOf(answer: Answer, upload: readonly WireEvent[], limits: UploadLimits, now: number): Verdict {
  if (answer.kind === 'silent') return later(answer.reason)
  const body = bodyOf(answer.body)
  const code = typeof body['code'] === 'number' ? body['code'] : undefined
  // A relay may answer 200 whatever Amplitude said: only where both say so it has been taken.
  const status = answer.status >= 200 && answer.status < 300 && code !== undefined ? code : answer.status
  const afterMs = retryAfter(answer.headers, now)
  if (status >= 200 && status < 300) {
    return code === undefined ? later(`answered ${answer.status}, but not as Amplitude does: check sink.host`) : { kind: 'taken' }
  }
  const error = typeof body['error'] === 'string' && body['error'] !== '' ? `: ${body['error'].slice(0, 200)}` : ''
  if (status === 413) return { kind: 'refused', reason: `Amplitude answered 413${error}` }
  if (status === 400 || status === 429) {
    if (/^: Invalid API key/i.test(error) || body['missing_field'] === 'api_key')
      return later(`Amplitude answered ${status}${error}; check sink.apiKey, and region`)
    const culled = cull(body, upload, limits, `Amplitude answered ${status}${error}`)
    if (culled.refused.size + culled.holds.length > 0) return { kind: 'cull', ...culled }
    if (status === 400) return { kind: 'refused', reason: `Amplitude answered 400${error}` }
    return later(`Amplitude answered 429${error}`, afterMs ?? limits.throttledFor)
  }
  const mend = status >= 300 && status < 400 ? 'set sink.host to the final address' : MENDS[status]
  return later(`answered ${status}${error}${mend === undefined ? '' : `; ${mend}`}`, afterMs)
}

/** Which events are at fault, and who is to wait. */
function cull(
  body: Record<string, unknown>,
  upload: readonly WireEvent[],
  limits: UploadLimits,
  answered: string,
): Pick<Extract<Verdict, { kind: 'cull' }>, 'refused' | 'holds'> {
  const refused = new Map<number, string>()
  for (const [list, what] of Object.entries({
    events_with_invalid_fields: 'invalid',
    events_with_missing_fields: 'missing',
    events_with_invalid_id_lengths: 'too short',
  })) {
    for (const [field, places] of Object.entries(objectOf(body[list]))) {
      for (const place of placesIn(places, upload)) refused.set(place, `${answered}; ${field}: ${what}`)
    }
  }
  for (const place of placesIn(body['silenced_events'], upload)) refused.set(place, `${answered}; Amplitude has silenced the device`)

  const holds = new Map<string, number>()
  const hold = (who: string, ms: number) => void holds.set(who, Math.max(ms, holds.get(who) ?? 0))
  for (const place of placesIn(body['throttled_events'], upload)) for (const who of peopleOf(upload[place]!)) hold(who, limits.throttledFor)
  for (const [list, kind, ms] of [
    ['throttled_users', 'user', limits.throttledFor],
    ['throttled_devices', 'device', limits.throttledFor],
    ['exceeded_daily_quota_users', 'user', QUOTA_FOR],
    ['exceeded_daily_quota_devices', 'device', QUOTA_FOR],
  ] as const) {
    for (const id of Object.keys(objectOf(body[list]))) hold(`${kind}:${id}`, ms)
  }
  const here = new Set(upload.flatMap(peopleOf))
  return { refused, holds: [...holds].filter(([who]) => here.has(who)).map(([who, ms]) => ({ who, ms })) }
}

/** Whom an event counts for, where Amplitude counts events. */
export function peopleOf(event: WireEvent): readonly string[] {
  return [
    ...(typeof event['user_id'] === 'string' ? [`user:${event['user_id']}`] : []),
    ...(typeof event['device_id'] === 'string' ? [`device:${event['device_id']}`] : []),
  ]
}

function placesIn(places: unknown, upload: readonly unknown[]): readonly number[] {
  return Array.isArray(places) ? places.filter((place) => Number.isInteger(place) && upload[place as number] !== undefined) : []
}

function bodyOf(text: string): Record<string, unknown> {
  return objectOf(parseJson(Buffer.from(text)))
}

function objectOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {}
}

function later(reason: string, afterMs?: number): Verdict {
  return { kind: 'later', outcome: { status: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) } }
}
