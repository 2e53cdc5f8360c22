import type { IdentitySource } from './identity.ts'

/** What is read of Segment's user; both ids are null until they are known. */
export interface SegmentUser {
  id(): string | null | undefined
  anonymousId(): string | null | undefined
}

/** The part of `@segment/analytics-next` that is used: `AnalyticsBrowser`, or an `Analytics` that has loaded. */
export interface SegmentAnalytics {
  user(): SegmentUser | Promise<SegmentUser>
  on(event: 'identify' | 'reset', listener: () => void): unknown
  off(event: 'identify' | 'reset', listener: () => void): unknown
}

/** The user Segment knows, followed through `identify` and `reset`. Resolves once Segment has loaded. */
export function fromSegment(analytics: SegmentAnalytics): IdentitySource {
  return {
    async identity() {
      const user = await analytics.user()
      const userId = user.id()
      const anonymousId = user.anonymousId()
      return { ...(userId ? { userId } : {}), ...(anonymousId ? { anonymousId } : {}) }
    },
    onIdentityChange(listener) {
      analytics.on('identify', listener)
      analytics.on('reset', listener)
      return () => {
        analytics.off('identify', listener)
        analytics.off('reset', listener)
      }
    },
  }
}
