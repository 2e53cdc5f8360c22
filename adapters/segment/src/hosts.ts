/** Where Segment is, by the region of the workspace. In the wrong one it takes events and drops them. */
export type Region = 'us' | 'eu'

interface Hosts {
  /** Takes events. */
  readonly events: string
  /** The Public API, for deletions. */
  readonly api: string
}

export const HOSTS: Readonly<Record<Region, Hosts>> = {
  us: { events: 'https://api.segment.io', api: 'https://api.segmentapis.com' },
  eu: { events: 'https://events.eu1.segmentapis.com', api: 'https://eu1.api.segmentapis.com' },
}
