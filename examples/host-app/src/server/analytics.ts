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
    signedUp({ id, consent }, { timezone }) {
      analytics.track({
        userId: id,
        event: 'signed_up',
        properties: { plan: 'free' },
        context: { consent: { categoryPreferences: { ...consent } }, ...(timezone === undefined ? {} : { timezone }) },
      })
    },
    close: () => analytics.closeAndFlush({ timeout: 2_000 }),
  }
}
