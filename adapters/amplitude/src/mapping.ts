/*
 * The whole mapping, as tables: a field of ours <-> a field of Amplitude's. README.md prints them, and a test holds the two together.
 * Times are epoch milliseconds on both sides, but for exports, whose times are text.
 */

/** What every event has. */
export const EVENT: Readonly<Record<string, string>> = {
  userId: 'user_id',
  anonymousId: 'device_id',
  messageId: 'insert_id',
  timestamp: 'time',
}

/** What an event says of where it happened; text on both sides. */
export const CONTEXT: Readonly<Record<string, string>> = {
  'context.app.version': 'app_version',
  'context.platform': 'platform',
  'context.os.name': 'os_name',
  'context.os.version': 'os_version',
  'context.device.brand': 'device_brand',
  'context.device.manufacturer': 'device_manufacturer',
  'context.device.model': 'device_model',
  'context.network.carrier': 'carrier',
  'context.location.country': 'country',
  'context.location.region': 'region',
  'context.location.city': 'city',
  'context.locale': 'language',
  'context.ip': 'ip',
  'context.userAgent': 'user_agent',
}

/** The same, in numbers. */
export const PLACE: Readonly<Record<string, string>> = {
  'context.location.latitude': 'location_lat',
  'context.location.longitude': 'location_lng',
}

/** Kinds of events that are events of a fixed name at Amplitude. All others of its own (`[Amplitude] …`, `session_start`) are tracked as they are called. */
export const NAMED = {
  page: '[Amplitude] Page Viewed',
  screen: '[Amplitude] Screen Viewed',
  identify: '$identify',
  group: '$groupidentify',
} as const

/** Of pages and screens: our field <-> the event property. Other properties keep their names. */
export const PAGE: Readonly<Record<string, string>> = {
  name: '[Amplitude] Page Title',
  url: '[Amplitude] Page Location',
  path: '[Amplitude] Page Path',
}
export const SCREEN: Readonly<Record<string, string>> = { name: '[Amplitude] Screen Name' }

/** Properties of a purchase that Amplitude adds up. They stay among the properties too. `revenue` alone decides: a price times a quantity would beat it. */
export const REVENUE: Readonly<Record<string, string>> = {
  revenue: 'revenue',
  productId: 'productId',
  revenueType: 'revenueType',
  currency: 'currency',
}

/** Exports and event webhooks have other names for some fields: theirs -> the one above. */
export const EXPORTED: Readonly<Record<string, string>> = {
  $insert_id: 'insert_id',
  version_name: 'app_version',
  device_carrier: 'carrier',
  device_type: 'device_model',
  ip_address: 'ip',
}

/** Whether Amplitude's SDK made the event by itself. */
export function isAutomatic(name: string): boolean {
  return name.startsWith('[Amplitude] ') || name === 'session_start' || name === 'session_end'
}
