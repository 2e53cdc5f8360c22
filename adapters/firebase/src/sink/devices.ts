import type { CanonicalEvent } from '@waymark/core'
import { at } from '@waymark/kit'
import type { StreamKind } from '../measurement/measurement.ts'
import { kindOf } from '../measurement/measurement.ts'
import type { FirebaseSinkOptions } from '../options.ts'

/** The stream an event goes to, and the device it is of; `instance` is undefined where Google's SDK knows of none. */
export interface Device {
  readonly stream: string
  readonly kind: StreamKind
  readonly instance: string | undefined
}

/** Users whose last device is remembered, for events of theirs that name none: memberships, decisions, what servers send. */
const REMEMBERED = 50_000

const FIELD: Readonly<Record<StreamKind, string>> = { app: 'context.firebase.appInstanceId', web: 'context.firebase.clientId' }

/** Ids as Google's SDKs make them: 32 hex digits, and two numbers, with what a `_ga` cookie has before them. */
const MADE_BY_SDK: Readonly<Record<StreamKind, RegExp>> = { app: /^([0-9a-f]{32})$/i, web: /^(?:GA\d\.\d\.)?(\d+\.\d+)$/ }

/**
 * Finds the device of an event: what the option says, else the context, else an anonymous id of the SDK's making, else the device the user was last seen with
 * by this process. Never anything else, since Google would count another user.
 */
export function createDevices({ streams, instanceOf }: Pick<FirebaseSinkOptions, 'streams' | 'instanceOf'>): (event: CanonicalEvent) => Promise<Device> {
  const ids = Object.keys(streams)
  const lastSeen = new Map<string, Device>()

  function streamFor(event: CanonicalEvent, kind?: StreamKind): string | undefined {
    const own = at(event, 'context.firebase.stream')
    return ids.find((id) => id === own && (kind === undefined || kindOf(id) === kind)) ?? ids.find((id) => kind === undefined || kindOf(id) === kind)
  }

  function known(event: CanonicalEvent): Device | undefined {
    for (const kind of ['app', 'web'] as const) {
      const stream = streamFor(event, kind)
      const stated = at(event, FIELD[kind])
      const instance = typeof stated === 'string' && stated !== '' ? stated : MADE_BY_SDK[kind].exec(event.anonymousId ?? '')?.[1]
      if (stream !== undefined && instance !== undefined) return { stream, kind, instance }
    }
    return undefined
  }

  function remember(userId: string, device: Device): void {
    lastSeen.delete(userId)
    lastSeen.set(userId, device)
    if (lastSeen.size > REMEMBERED) lastSeen.delete(lastSeen.keys().next().value as string)
  }

  return async (event) => {
    const told = await instanceOf?.(event)
    const otherwise = streamFor(event) ?? ids[0] ?? ''
    if (told !== undefined) return { stream: otherwise, kind: kindOf(otherwise), instance: told }
    const device = known(event)
    if (device !== undefined && event.userId !== undefined) remember(event.userId, device)
    return device ?? lastSeen.get(event.userId ?? '') ?? { stream: otherwise, kind: kindOf(otherwise), instance: undefined }
  }
}
