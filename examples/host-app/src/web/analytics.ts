import { AnalyticsBrowser } from '@segment/analytics-next'
import { createWaymark, fromSegment } from '@waymark/browser'
import type { z } from 'zod'
import type { plan } from '../plan.ts'
import type { Account, Consent, Session } from '../server/model.ts'

type Events = (typeof plan)['events']

/** What the page reports, and what Waymark shows on it, for the user who is signed in. */
export interface Tracker {
  /** Names and properties as the plan has them: a misspelt one does not compile. */
  track<Name extends keyof Events & string>(event: Name, properties: z.input<Events[Name]>): void
  page(name: string): void
  /** The user changed their mind: every event from now on says so, and one is sent at once. */
  agree(consent: Consent): void
  /** The user signed out: nothing is reported any more, and the device forgets who it was. */
  stop(): void
}

/** Begins only for a signed-in user: before that nothing is reported at all. */
export function startTracker(account: Account, { url, writeKey }: Session['waymark']): Tracker {
  let consent = account.consent
  const analytics = AnalyticsBrowser.load(
    { writeKey, cdnURL: url },
    { integrations: { 'Segment.io': { apiHost: `${new URL(url).host}/v1`, protocol: url.startsWith('https:') ? 'https' : 'http' } } },
  )
  // Each event carries what its user agrees to, so that no message can be decided on without it.
  void analytics.addSourceMiddleware(({ payload, next }) => {
    payload.obj.context = { ...payload.obj.context, consent: { categoryPreferences: { ...consent } } }
    next(payload)
  })
  const identify = () => void analytics.identify(account.id, { name: account.name, email: account.email, plan: 'free' })
  identify()
  const waymark = createWaymark({ host: url, identity: fromSegment(analytics) })

  return {
    track: (event, properties) => void analytics.track(event, properties),
    page: (name) => void analytics.page(name),
    agree(given) {
      consent = given
      identify()
    },
    stop() {
      waymark.close()
      void analytics.reset()
    },
  }
}
