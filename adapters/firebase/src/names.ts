import { cut, sha256 } from '@waymark/kit'
import { NAME_LENGTH, PROPERTY_NAME_LENGTH } from './limits.ts'

/** Events that only Google's own SDKs may send. */
export const RESERVED_EVENTS: ReadonlySet<string> = new Set(
  `ad_activeview ad_click ad_exposure ad_impression ad_query ad_reward adunit_exposure app_background app_clear_data app_exception app_install
  app_remove app_store_refund app_store_subscription_cancel app_store_subscription_convert app_store_subscription_renew app_update app_upgrade
  dynamic_link_app_open dynamic_link_app_update dynamic_link_first_open error firebase_campaign first_open first_visit in_app_purchase
  notification_dismiss notification_foreground notification_open notification_receive notification_send os_update screen_view session_start
  user_engagement`.split(/\s+/),
)

export const RESERVED_PROPERTIES: ReadonlySet<string> = new Set([
  'first_open_time',
  'first_visit_time',
  'last_deep_link_referrer',
  'user_id',
  'first_open_after_install',
])

/** What no name may begin with; parameters have one prefix more. */
export const RESERVED_PREFIXES: readonly string[] = ['_', 'firebase_', 'ga_', 'google_']
export const RESERVED_PARAM_PREFIXES: readonly string[] = [...RESERVED_PREFIXES, 'gtag.']

/** What a name that Google would refuse as it is begins with. No reserved name does. */
const PREFIX = 'x_'

export function eventName(name: string): string {
  return valid(name, NAME_LENGTH, RESERVED_PREFIXES, RESERVED_EVENTS)
}

export function paramName(name: string): string {
  return valid(name, NAME_LENGTH, RESERVED_PARAM_PREFIXES)
}

export function propertyName(name: string): string {
  return valid(name, PROPERTY_NAME_LENGTH, RESERVED_PREFIXES, RESERVED_PROPERTIES)
}

/**
 * A name that Google takes: letters, digits and underscores, beginning with a letter, neither reserved nor too long. 'Order Completed' becomes
 * `Order_Completed`, 'first_open' `x_first_open`. Accents are taken off; a name with letters of another script ends in six hex digits of its
 * hash, since nothing else of it would be left to tell it apart.
 */
function valid(name: string, length: number, prefixes: readonly string[], reserved?: ReadonlySet<string>): string {
  const latin = name.normalize('NFKD').replace(/\p{M}/gu, '')
  const words = latin.replace(/[^A-Za-z0-9_]/g, '_')
  const isRefused = !/^[A-Za-z]/.test(words) || prefixes.some((prefix) => latin.startsWith(prefix)) || reserved?.has(words) === true
  const named = isRefused ? PREFIX + words : words
  const isOther = /[^\p{ASCII}]/u.test(latin.replace(/[^\p{L}\p{N}]/gu, ''))
  return isOther ? `${cut(named, length - 7)}_${sha256(name).slice(0, 6)}` : cut(named, length)
}
