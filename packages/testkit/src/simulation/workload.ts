import type { CanonicalEvent } from '@waymark/core'
import type { Draw } from './examples.ts'
import type { Random } from './random.ts'

export type DeviceEvent = Omit<CanonicalEvent, 'receivedAt'>

/** Something that is going to happen, whatever the host does. Times are true ones. */
export type Act =
  /** A device sends a batch, and again until it is taken. */
  | { readonly kind: 'batch'; readonly at: number; readonly device: string; readonly events: readonly DeviceEvent[] }
  /** The host is asked to end, and the next version of the config is started. */
  | { readonly kind: 'deploy'; readonly at: number }
  | { readonly kind: 'kill'; readonly at: number }
  | { readonly kind: 'jump'; readonly at: number; readonly by: number }

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

interface Device {
  readonly anonymousId: string
  /** What its clock shows beyond the true time. */
  readonly skew: number
}

interface Person {
  readonly userId: string
  readonly devices: readonly Device[]
  /** Once it has said who it is, it says so always. */
  readonly loggedInOn: Set<Device>
}

export interface WorkloadOptions {
  readonly start: number
  /** For how long people are about, in milliseconds. */
  readonly length: number
  readonly deploys: number
  /** Whether some deny analytics, so that the host may keep nothing of theirs. */
  readonly deniesAnalytics: boolean
}

/** One to three people with one or two devices each, one of which two may share, in visits over some days. */
export function createWorkload(draw: Draw, random: Random, { start, length, deploys, deniesAnalytics }: WorkloadOptions): readonly Act[] {
  const acts: Act[] = []
  let count = 0
  const shared: Device = { anonymousId: 'shared', skew: 0 }
  const people = Array.from({ length: random.between(1, 3) }, (_, index): Person => {
    const own = Array.from({ length: random.between(1, 2) }, (_, device): Device => {
      return { anonymousId: `device-${index + 1}-${device + 1}`, skew: random.chance(0.3) ? random.between(-20 * MINUTE, 20 * MINUTE) : 0 }
    })
    return { userId: `user-${index + 1}`, devices: random.chance(0.2) ? [...own, shared] : own, loggedInOn: new Set() }
  })

  for (const person of people) {
    for (let at = start + random.below(12 * HOUR); at < start + length; at += random.between(HOUR, 40 * HOUR)) visit(person, random.pick(person.devices), at)
  }
  for (let deploy = 0; deploy < deploys; deploy += 1) acts.push({ kind: 'deploy', at: start + random.below(length) })
  for (let kill = random.between(0, 2); kill > 0; kill -= 1) acts.push({ kind: 'kill', at: start + random.below(length) })
  for (let jump = random.between(0, 2); jump > 0; jump -= 1) {
    acts.push({ kind: 'jump', at: start + random.below(length), by: random.between(-HOUR, HOUR) })
  }
  return acts.sort((a, b) => a.at - b.at)

  function visit(person: Person, device: Device, from: number): void {
    let at = from
    let batch: DeviceEvent[] = []
    for (let left = random.between(1, 7); left > 0; left -= 1) {
      at += random.between(1, random.chance(0.2) ? 50 * MINUTE : 3 * MINUTE)
      batch.push(event(person, device, at))
      // Two at one moment are told apart by their ids alone.
      if (random.chance(0.1)) batch.push(event(person, device, at))
      if (left === 1 || random.chance(0.4)) {
        flush(device, batch, at)
        batch = []
      }
    }
  }

  function flush(device: Device, events: readonly DeviceEvent[], at: number): void {
    // One that is offline sends what it has hours later.
    const delay = random.chance(0.12) ? random.between(MINUTE, 10 * HOUR) : random.between(0, 5 * SECOND)
    acts.push({ kind: 'batch', at: at + delay, device: device.anonymousId, events })
    // A client that is not sure sends something a second time by itself.
    const again = events.filter(() => random.chance(0.05))
    if (again.length > 0) acts.push({ kind: 'batch', at: at + delay + random.between(0, HOUR), device: device.anonymousId, events: again })
  }

  function event(person: Person, device: Device, at: number): DeviceEvent {
    if (!person.loggedInOn.has(device) && random.chance(0.35)) person.loggedInOn.add(device)
    const isKnown = person.loggedInOn.has(device)
    count += 1
    const base = {
      messageId: `e${count}`,
      // A server knows the user and no device; a visitor is known by the device alone.
      ...(isKnown ? { userId: person.userId } : {}),
      ...(isKnown && random.chance(0.15) ? {} : { anonymousId: device.anonymousId }),
      timestamp: at + device.skew,
      properties: {},
      traits: {},
      context: random.chance(0.1) ? { timezone: random.pick(['Europe/Oslo', 'Asia/Kolkata', 'America/New_York']) } : {},
      integrations: {},
      source: 'simulation',
    }
    const kind = random.next()
    if (kind < 0.1) return { ...base, type: 'identify', context: { ...base.context, consent: consent() } }
    if (kind < 0.18) return { ...base, type: 'identify', traits: draw.traits(random) }
    if (kind < 0.24) return { ...base, type: 'page', name: 'home' }
    if (kind < 0.27) return { ...base, type: 'track', event: 'not_in_the_plan' }
    const name = random.pick(draw.events)
    return { ...base, type: 'track', event: name, properties: draw.properties(name, random) }
  }

  function consent(): CanonicalEvent['context'] {
    return {
      categoryPreferences: {
        personalization: random.chance(0.6),
        marketing: random.chance(0.6),
        ...(deniesAnalytics && random.chance(0.5) ? { analytics: random.chance(0.5) } : {}),
      },
    }
  }
}
