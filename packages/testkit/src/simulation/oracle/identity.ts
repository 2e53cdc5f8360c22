import type { Facts, Violation } from './facts.ts'
import type { People } from './people.ts'

/**
 * Whose each event is: the user's it names; a visitor's, until an event with both ids shows who the visitor was; a device that is
 * one user's stays theirs. Read in the order of the log, which says nothing of events that were refused.
 */
export function identity({ log, deniesAnalytics, config }: Facts, people: People): readonly Violation[] {
  if (deniesAnalytics || config.identity !== undefined) return []
  const owners = new Map<string, string>()
  const leading: { readonly id: string; readonly seq: number; readonly profile: string }[] = []

  for (const { input, seq, profile } of log) {
    if (input.kind !== 'event' || profile === '') continue
    const { userId, anonymousId } = input.event
    const [user, device, visitor] = [`user ${userId}`, `device ${anonymousId}`, `anon:${anonymousId}`]
    const owner = userId === undefined ? (owners.get(device) ?? visitor) : (owners.get(user) ?? userId)
    if (userId !== undefined) owners.set(user, owner)
    if (anonymousId !== undefined) {
      const before = owners.get(device)
      if (before === undefined) owners.set(device, owner)
      else if (before === visitor) for (const [id, whose] of owners) if (whose === visitor) owners.set(id, owner)
    }
    leading.push({ id: userId === undefined ? device : user, seq, profile })
  }
  return leading.flatMap(({ id, seq, profile }) => {
    const [is, should] = [people.ownerOf(profile), owners.get(id)]
    return is === should ? [] : [{ check: 'wrong identity', what: `log entry ${seq} of ${id} counts for ${is} and should for ${should}` }]
  })
}
