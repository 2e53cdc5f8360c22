import type { CanonicalEvent, Json, PluginContext, Route, Source, SourcePage } from '@waymark/core'
import { parseEvent } from '@waymark/core'
import { basicCredentials, cohortTrait, isSameSecret, parseJson, readBody, sha256 } from '@waymark/kit'
import { nameOf } from '../ids.ts'
import { INCOMING_BYTES } from '../limits.ts'
import type { MixpanelCohortOptions } from '../options.ts'
import { createInbox } from './inbox.ts'
import { applyPage, type Change, membershipsIn, readSync, type SyncPage } from './membership.ts'

/** Mixpanel waits a minute for an answer. */
const ANSWER_WITHIN = 30_000

/**
 * Cohort syncs: a route that Mixpanel's webhook calls, and the source that takes in what it brings. A full sync replaces a cohort, so who was in it has to
 * be known: that is the cursor of the source, on disk in one commit with the events it led to, before Mixpanel hears that all is well.
 */
export function cohorts(plugin: string, options: MixpanelCohortOptions): { readonly route: Route; readonly source: Source } {
  const inbox = createInbox<SyncPage>()

  async function handle(request: Request): Promise<Response> {
    const credentials = basicCredentials(request.headers)
    const isKnown = isSameSecret(credentials?.user ?? '', options.username) && isSameSecret(credentials?.password ?? '', options.password)
    const body = await readBody(request, { bytes: INCOMING_BYTES, mend: 'send fewer members at a time' })
    const sent = body.ok ? parseJson(body.value.bytes) : undefined
    const action = (sent as { action?: unknown } | undefined)?.action ?? null
    const fail = (code: number, message: string): Response => Response.json({ action, status: 'failure', error: { message, code } }, { status: code })
    // 400 and 401 make Mixpanel pause the sync until somebody has looked.
    if (!isKnown) return fail(401, 'the user name or password is not that of mixpanel({ cohorts })')
    if (!body.ok) return fail(body.refusal.status, body.refusal.message)
    const page = readSync(sent)
    if ('reason' in page) return fail(400, page.reason)
    return (await inbox.deliver(page, ANSWER_WITHIN)) ? Response.json({ action, status: 'success' }) : fail(503, 'it could not be taken in now; send it again')
  }

  async function* pull(cursor: Json | undefined, context: PluginContext): AsyncGenerator<SourcePage, void, undefined> {
    let memberships = membershipsIn(cursor)
    for (let next = await inbox.next(context.signal); next !== undefined; next = await inbox.next(context.signal)) {
      let isOnDisk = false
      try {
        const { after, changes } = applyPage(memberships, next.item)
        const events = changes.flatMap((change) => eventOf(change, next!.item, options.traits, `${plugin}:cohorts`, context))
        const { name, page, pages } = next.item
        yield { events, cursor: after as unknown as Json, progress: `cohort ${name}: page ${page} of ${pages}, ${changes.length} changes` }
        // The next page is asked for once this one is on disk.
        memberships = after
        isOnDisk = true
      } finally {
        next.settle(isOnDisk)
      }
    }
  }

  return { route: { method: 'POST', path: `/${plugin}/cohorts`, handle }, source: { name: 'cohorts', pull } }
}

/** The same page makes the same message ids, so that one that comes again counts once. */
function eventOf(
  { member, isIn }: Change,
  { cohort, name, session, action }: SyncPage,
  traits: MixpanelCohortOptions['traits'],
  source: string,
  context: PluginContext,
): readonly CanonicalEvent[] {
  const trait = traits?.[cohort] ?? cohortTrait('cohort', name)
  const now = context.clock.now()
  const said = { type: 'identify', timestamp: now, traits: { ...member.traits, [trait]: isIn ? true : null }, ...nameOf(member.id) }
  const messageId = sha256(JSON.stringify(['cohort', cohort, session === '' ? context.id() : session, action, member.id, isIn]))
  const parsed = parseEvent(said, { source, receivedAt: now, messageId })
  if (!parsed.ok) context.log.warn('a member of a cohort was left out', { cohort, reason: parsed.reason })
  return parsed.ok ? [parsed.value] : []
}
