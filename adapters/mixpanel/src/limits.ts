/*
 * Mixpanel's limits, from its reference for /import, /engage and /groups. What the sink sends is measured in units of 1,000, below either reading
 * of "MB"; what comes in is allowed the larger one.
 */

/** Events of one /import, updates of one /engage or /groups. */
export const ROWS_A_REQUEST = 2000
/** One /import, before compression. */
export const REQUEST_BYTES = 10_000_000
/** One event, one update. */
export const ROW_BYTES = 1_000_000
/** What a request to our own endpoints may have, inflated. */
export const INCOMING_BYTES: number = 10 * 1024 * 1024

/** Names of events and properties, in UTF-16 code units. */
export const NAME_LENGTH = 255
/** Texts, in bytes of UTF-8; Mixpanel cuts what is longer, through a character if need be. */
export const TEXT_BYTES = 255
/** Mixpanel takes fewer than 255 properties of an event, and fewer than 255 keys or elements inside one. */
export const PROPERTIES = 254
/** Objects within objects, a property that is an object being the first. */
export const DEPTH = 3
/** A list or object in an event. */
export const VALUE_BYTES: number = 8 * 1024
/** A list or object in a profile. */
export const PROFILE_VALUE_BYTES: number = 256 * 1024
/** Properties of one profile. */
export const PROFILE_PROPERTIES = 2000

/** How far ahead of now an event may lie before Mixpanel refuses it or puts now in its place, in milliseconds. */
export const AHEAD = 3_600_000
/** The first moment Mixpanel takes: 1971, in milliseconds. */
export const EARLIEST: number = Date.UTC(1971, 0)
