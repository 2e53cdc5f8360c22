/** Where a project's data is kept. Data sent to another region's hosts is not ingested. */
export type Region = 'us' | 'eu' | 'in'

/** Events and profiles; the raw export; queries and deletions. */
export interface Hosts {
  readonly ingest: string
  readonly export: string
  readonly app: string
}

export const HOSTS: Readonly<Record<Region, Hosts>> = {
  us: { ingest: 'https://api.mixpanel.com', export: 'https://data.mixpanel.com', app: 'https://mixpanel.com' },
  eu: { ingest: 'https://api-eu.mixpanel.com', export: 'https://data-eu.mixpanel.com', app: 'https://eu.mixpanel.com' },
  in: { ingest: 'https://api-in.mixpanel.com', export: 'https://data-in.mixpanel.com', app: 'https://in.mixpanel.com' },
}
