import type { CanonicalEvent, DeliveryOutcome, PluginContext } from '@waymark/core'
import type { AmplitudeOptions, AmplitudeSinkOptions } from '../options.ts'
import { createRest } from '../rest.ts'

interface Placed {
  readonly event: CanonicalEvent
  readonly index: number
}

/** The trait of a membership, before the name of its segment. */
const MEMBERSHIP = 'waymark_'

interface Move extends Placed {
  readonly user: string
  readonly operation: 'ADD' | 'REMOVE'
}

/**
 * Moves users between Amplitude's cohorts as their segments change, through its membership API: into the one of the new member, out of those
 * of the segment's other members. A move that fails has its event tried again; the event itself is known there by its id by then.
 */
export async function moveInCohorts(
  placed: readonly Placed[],
  options: AmplitudeOptions,
  cohorts: NonNullable<AmplitudeSinkOptions['cohorts']>,
  context: PluginContext,
  settle: (placed: readonly Placed[], outcome: DeliveryOutcome) => void,
): Promise<void> {
  if (options.rest === undefined) return
  const rest = createRest(options.rest, options.region)
  for (const [cohort, moves] of movesOf(placed, cohorts)) {
    const newest = [...new Map(moves.map((move) => [move.user, move])).values()]
    for (const operation of ['ADD', 'REMOVE'] as const) {
      const moved = newest.filter((move) => move.operation === operation)
      if (moved.length === 0) continue
      const json = {
        cohort_id: cohort,
        skip_invalid_ids: true,
        memberships: [{ ids: moved.map(({ user }) => user), id_type: 'BY_NAME', operation }],
      }
      const answer = await rest.ask('/api/3/cohorts/membership', { json }, context)
      if (answer.kind === 'retry')
        settle(moved, { status: 'retry', reason: answer.reason, ...(answer.afterMs === undefined ? {} : { afterMs: answer.afterMs }) })
      if (answer.kind === 'failed') settle(moved, { status: 'rejected', reason: answer.reason })
    }
  }
}

/** By cohort, oldest first. `cohorts` has an id for `<segment>/<member>`. */
function movesOf(placed: readonly Placed[], cohorts: Readonly<Record<string, string>>): ReadonlyMap<string, readonly Move[]> {
  const moves = new Map<string, Move[]>()
  for (const { event, index } of placed) {
    if (event.type !== 'identify' || event.source !== 'waymark' || event.userId === undefined) continue
    for (const [key, cohort] of Object.entries(cohorts)) {
      const [segment = '', member] = key.split('/')
      const trait = MEMBERSHIP + segment
      if (!Object.hasOwn(event.traits, trait)) continue
      const operation = event.traits[trait] === member ? 'ADD' : 'REMOVE'
      moves.set(cohort, [...(moves.get(cohort) ?? []), { event, index, user: event.userId, operation }])
    }
  }
  return moves
}
