/** How a store stands, as far as it can tell without writing. */
export interface StoreReport {
  /** Where it is, for a person: a path, or an address without its password. */
  readonly place: string
  /** The version of its schema. */
  readonly schema: number
  readonly bytes: number
  /** What of it is the log, with its indexes; absent where that cannot be told. */
  readonly logBytes?: number
  /** Room left where it stands, and how much there is in all; absent where that cannot be known. */
  readonly room?: { readonly freeBytes: number; readonly totalBytes: number }
  /** Whether this process may write there. */
  readonly isWritable: boolean
  /** Whether a host has it open to write, this one or another. */
  readonly isInUse: boolean
  /** What a look over all of it found broken; empty when nothing was. */
  readonly damage: readonly string[]
}

/** How much room a store takes. */
export interface StoreSize {
  readonly bytes: number
  /** What of it is free for what comes; absent where that cannot be told at once. */
  readonly freeBytes?: number
  /** What of it is the log, with its indexes; absent where that cannot be told at once. */
  readonly logBytes?: number
}
