import type { CanonicalEvent, DeliveryOutcome, PluginContext } from '@waymark/core'
import { post } from '@waymark/kit'
import { USERMAP_HOST } from '../hosts.ts'
import { UPLOAD } from '../limits.ts'
import type { AmplitudeOptions, AmplitudeSinkOptions } from '../options.ts'
import { verdictOf } from './answer.ts'

interface Placed {
  readonly event: CanonicalEvent
  readonly index: number
}

/** Tells Amplitude that two users are one person, through its User Mapping API. At most 2000 in one request, which is a host's largest delivery. */
export async function joinAliases(
  aliases: readonly Placed[],
  options: AmplitudeOptions & { readonly sink: AmplitudeSinkOptions },
  context: PluginContext,
  settle: (placed: readonly Placed[], outcome: DeliveryOutcome) => void,
): Promise<void> {
  const complete = aliases.filter(({ event }) => event.userId !== undefined && event.previousId !== undefined)
  settle(
    aliases.filter((one) => !complete.includes(one)),
    { status: 'rejected', reason: 'an alias needs userId, the id that stays, and previousId, the one it replaces' },
  )
  if (complete.length === 0) return
  const mapping = complete.map(({ event }) => ({ user_id: event.previousId, global_user_id: event.userId }))
  const { sink } = options
  const answer = await post(
    {
      url: new URL('/usermap', sink.host ?? USERMAP_HOST),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ api_key: sink.apiKey, mapping: JSON.stringify(mapping) }).toString(),
      ...(sink.timeout === undefined ? {} : { timeout: sink.timeout }),
    },
    context,
  )
  // It answers in plain text: here the status is all there is.
  if (answer.kind === 'answered' && answer.status < 300) return settle(complete, { status: 'delivered' })
  const verdict = verdictOf(answer, [], UPLOAD.httpapi, context.clock.now())
  settle(complete, verdict.kind === 'later' ? verdict.outcome : { status: 'rejected', reason: `${'reason' in verdict ? verdict.reason : ''} to /usermap` })
}
