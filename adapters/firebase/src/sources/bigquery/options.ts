export interface BigQueryOptions {
  /** The dataset of the export: `analytics_123456789`. */
  readonly dataset: string
  /** The first day that is read, `2026-05-01`, in the property's time zone. Default: the four newest days there are. */
  readonly from?: string
  /** How many of the newest days are looked at again. Default 4: Google updates a day's table for up to three days more. */
  readonly again?: number
  /** Also read today's table, before the day is done. Default true. */
  readonly intraday?: boolean
  /** Milliseconds between two looks. Default an hour. */
  readonly every?: number
  /** Rows a page. Default 2,000. */
  readonly pageRows?: number
  /** A query that would read more fails and costs nothing. Default: no limit. */
  readonly maximumBytesBilled?: number
  /** The dataset's location, `EU`, where it is not found by itself. */
  readonly location?: string
  /** Scheme and host of BigQuery, in place of Google's. */
  readonly apiEndpoint?: string
}
