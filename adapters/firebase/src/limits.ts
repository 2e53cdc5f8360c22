/*
 * Google's own limits of the Measurement Protocol and of collection. Lengths are in UTF-16 code units.
 * https://developers.google.com/analytics/devguides/collection/protocol/ga4/sending-events#limitations
 */
export const EVENTS_A_REQUEST = 25
export const PARAMS_AN_EVENT = 25
export const PROPERTIES_A_REQUEST = 25
/** The documented limit is 'less than 130 kB'. */
export const REQUEST_BYTES = 130_000
export const NAME_LENGTH = 40
export const PROPERTY_NAME_LENGTH = 24
export const PROPERTY_VALUE_LENGTH = 36
export const USER_ID_LENGTH = 256
export const VALUE_LENGTH = 100
/** Parameters that may be longer than others. */
export const LONGER_VALUES: Readonly<Record<string, number>> = { page_title: 300, page_referrer: 420, page_location: 1000 }
/** An event that is older has its time moved by Google, or is refused, as `validation_behavior` says. */
export const BACKDATE_MS: number = 72 * 3_600_000
/** Google keeps so many of an event's `items`. */
export const ITEMS = 200
