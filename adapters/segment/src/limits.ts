/** Segment's own limits, in bytes and counts. */
export const EVENT_BYTES: number = 32 * 1024
export const BATCH_BYTES: number = 500 * 1024
export const BATCH_EVENTS = 2500

/** What a batch may come to once its common context stands in each of its events. */
export const EXPANDED_BYTES: number = 8 * BATCH_BYTES
