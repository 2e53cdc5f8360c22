import { Analytics } from '@segment/analytics-node'
import { WRITE_KEYS } from '../write-keys.ts'
import type { Account } from './model.ts'

/** What the server itself reports, through Segment's own SDK. */
export interface ServerAnalytics {
  signedUp(account: Account, browser: { readonly timezone?: string }): void
  /** Resolves when all that was reported has been sent. */
  close(): Promise<void>
}

export function createServerAnalytics(host: string, onError: (error: unknown) => void): ServerAnalytics {
  const analytics = new Analytics({ writeKey: WRITE_KEYS.server, host, flushAt: 1, maxRetries: 3 })
  // Without a listener, events that could not be sent are lost in silence.
  analytics.on('error', onError)
  return {
    signedUp({ id, name, email, consent }, { timezone }) {
      const context = { consent: { categoryPreferences: { ...consent } }, ...(timezone === undefined ? {} : { timezone }) }
      // The address must not depend on a browser that lets its requests through.
      analytics.identify({ userId: id, traits: { name, email, plan: 'free' }, context })
      analytics.track({ userId: id, event: 'signed_up', properties: { plan: 'free' }, context })
    },
    close: () => analytics.closeAndFlush({ timeout: 2_000 }),
  }
}
