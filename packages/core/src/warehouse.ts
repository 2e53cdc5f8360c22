import type { DialectName } from './behaviour/sql/dialects.ts'
import type { CanonicalEvent } from './event.ts'
import type { Subject } from './plugin/eraser.ts'
import type { IdentityKey } from './store.ts'

/**
 * The relations of a warehouse. `events` holds what users did and what was said of them; `decisions` and `memberships` what Waymark found
 * out, which is not in `events`: a membership is no trait a user has, a decision nothing the user did.
 */
export type WarehouseTable = 'events' | 'decisions' | 'memberships'

/**
 * What a query gives back. Whole numbers and decimals are numbers, or their digits as text where a number cannot hold them; moments and
 * days are ISO 8601 text; JSON is its text.
 */
export type WarehouseValue = string | number | boolean | null | readonly WarehouseValue[]
export type WarehouseRow = Readonly<Record<string, WarehouseValue>>

export interface QueryOptions {
  /** What `$1`, `$2` and so on stand for in the text. */
  readonly parameters?: readonly (string | number | boolean | null)[]
  /** Ends the query; the iteration then throws the signal's reason. */
  readonly signal?: AbortSignal
}

/** What a query would read, as far as the engine knows without running it. */
export interface QueryEstimate {
  readonly rows?: number
  readonly bytes?: number
}

/** What came of one event given to `load`. */
export type LoadOutcome =
  | { readonly status: 'loaded' }
  /** It is there already. */
  | { readonly status: 'known' }
  /** It can never be written, for this reason. */
  | { readonly status: 'rejected'; readonly reason: string }

/** A column that every relation has. */
interface Owned {
  /** Whose it is now, merges and unmerges followed. */
  readonly profile: string
  /** With `source` what makes a row the only one of its kind within its day. */
  readonly message_id: string
  readonly source: string
  readonly user_id: string | null
  readonly anonymous_id: string | null
  /** Event time, in epoch milliseconds. */
  readonly ts: number
  /** The UTC day of `ts`, `2026-05-03`: what tables are partitioned by, so a query that says which days reads no others. */
  readonly day: string
}

/** A row of `events`. `profile`, `message_id`, `ts`, `type`, `event`, `properties` and `traits` are what `segmentSql` reads. */
export interface EventRow extends Owned {
  readonly type: string
  /** NULL unless `type` is track. */
  readonly event: string | null
  /** The name of a page or screen. */
  readonly name: string | null
  readonly previous_id: string | null
  readonly group_id: string | null
  readonly received_at: number
  /** JSON in the engine's own type, as are the next three. */
  readonly properties: string
  readonly traits: string
  readonly context: string
  readonly integrations: string
}

/** A row of `memberships`: from `ts` on the profile is in `member` of `segment`; in none of it where NULL. */
export interface MembershipRow extends Owned {
  readonly segment: string
  readonly member: string | null
}

/** A row of `decisions`; `ts` is when it was decided. */
export interface DecisionRow extends Owned {
  readonly rule: string | null
  readonly outcome: string | null
  /** Why a suppressed one was. */
  readonly guard: string | null
  /** `Decision.key`: the same however often it is told. */
  readonly key: string | null
  /** All that was told of it, as JSON. */
  readonly properties: string
}

/** Whose ids are now, for those that do not name their profile themselves: merged visitors, aliases. */
export type Owners = ReadonlyMap<IdentityKey, string>

/**
 * A place where behaviour lies as tables: what segments as SQL, reports and backtests read, and what a lake or warehouse plugin writes. All may be
 * called at the same time. Failures are `WaymarkError`s: `WAREHOUSE_QUERY_FAILED` with the engine's words, `WAREHOUSE_IN_USE` where another
 * process writes, `WAREHOUSE_CLOSED`.
 */
export interface Warehouse {
  readonly name: string
  /** What SQL it speaks. */
  readonly dialect: DialectName
  /** What to write after FROM, for `segmentSql({ events })` too. Its columns are those of `EventRow` and so on. */
  relation(table: WarehouseTable): string
  /** Creates the tables, or adds the columns that older ones lack. Done before the first `load` anyway; reading creates nothing. */
  prepare(): Promise<void>
  /** Runs one statement that reads and gives its rows in pages, in order, as they come; ending the iteration early ends the query. */
  query<Row = WarehouseRow>(sql: string, options?: QueryOptions): AsyncIterable<readonly Row[]>
  /** What a query would scan; without it the engine cannot tell. */
  estimate?(sql: string, options?: QueryOptions): Promise<QueryEstimate>
  /**
   * Writes events, all or none of those that can be written; they are durable when it resolves. An event that is there already, by source, message id
   * and day, is not written again, so a batch may come twice and in other parts. What Waymark learned (`Sink.learned`) goes to
   * `memberships` and `decisions`. `owners` as for `assign`, in the same commit. One outcome an event, in order.
   */
  load(events: readonly CanonicalEvent[], owners?: Owners): Promise<readonly LoadOutcome[]>
  /**
   * From now on every row of these ids, written before or after, is that profile's. A row belongs to its user id, and to its anonymous id where it has
   * none. An id of which nothing is said gives its profile its name: `u1`, `anon:5f2e…`.
   */
  assign(owners: Owners): Promise<void>
  /** Takes out every row of the subject, and the subject's ids out of others' rows. How many rows were touched comes back. */
  erase(subject: Subject): Promise<number>
  /** Makes many small pieces few, and drops what no query reads any more. Can be ended at any moment. Absent where the engine sees to it. */
  compact?(options?: { readonly signal?: AbortSignal }): Promise<void>
  /** Waits for what is under way. Closing twice does no harm. */
  close(): Promise<void>
}
