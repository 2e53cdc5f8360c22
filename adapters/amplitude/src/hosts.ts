export type Region = 'us' | 'eu'

/** Where a project's data is taken in, and where it is read, erased and grouped. */
export interface Hosts {
  readonly ingest: string
  readonly rest: string
}

export const HOSTS: Readonly<Record<Region, Hosts>> = {
  us: { ingest: 'https://api2.amplitude.com', rest: 'https://amplitude.com' },
  eu: { ingest: 'https://api.eu.amplitude.com', rest: 'https://analytics.eu.amplitude.com' },
}

/** Takes aliases; it has one address for both regions. */
export const USERMAP_HOST = 'https://api.amplitude.com'
