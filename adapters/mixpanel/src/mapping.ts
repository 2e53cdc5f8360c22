/*
 * What stands for what. The README prints these tables, and a test holds it to them. `mapping` of the options changes single events.
 */

/** How each kind goes out, and how that comes in again. */
export const KINDS: readonly (readonly [ours: string, theirs: string, back: string])[] = [
  ['track', 'event of the same name', 'track'],
  ['identify', '`/engage` `$set`, a null as `$unset`; with both ids also the event `$identify`', 'identify'],
  ['group', '`/groups` `$set`, a null as `$unset`; with a user also `/engage` `$union` of the group key', 'group, and identify with the group key as a trait'],
  ['alias', 'Original: event `$create_alias`; Simplified: left out, with a warning', 'alias'],
  ['page, screen', 'event `Viewed {name}`, `Viewed a page`, `Viewed a screen`', 'track'],
]

/** Events of Mixpanel's own. */
export const INCOMING_EVENTS: readonly (readonly [theirs: string, ours: string])[] = [
  ['$identify', 'identify, both ids'],
  ['$create_alias', 'alias: `distinct_id` is the previous id'],
  ['$merge', 'alias: the second of `$distinct_ids` is the previous id'],
  ['$mp_web_page_view', 'page, named by its title'],
]

/** Property of an event <- where it stands here. */
export const PROPERTIES_AT: Readonly<Record<string, string>> = {
  ip: 'context.ip',
  $current_url: 'context.page.url',
  $referrer: 'context.page.referrer',
  current_page_title: 'context.page.title',
  current_url_path: 'context.page.path',
  current_url_search: 'context.page.search',
  $os: 'context.os.name',
  $os_version: 'context.os.version',
  $app_version_string: 'context.app.version',
  $app_build_number: 'context.app.build',
  $manufacturer: 'context.device.manufacturer',
  $model: 'context.device.model',
  $screen_height: 'context.screen.height',
  $screen_width: 'context.screen.width',
  utm_source: 'context.campaign.source',
  utm_medium: 'context.campaign.medium',
  utm_campaign: 'context.campaign.name',
  utm_term: 'context.campaign.term',
  utm_content: 'context.campaign.content',
  mp_lib: 'context.library.name',
  $lib_version: 'context.library.version',
}

/** Property of a profile <- trait. Every other trait keeps its name. */
export const TRAITS: Readonly<Record<string, string>> = {
  $email: 'email',
  $first_name: 'firstName',
  $last_name: 'lastName',
  $name: 'name',
  $phone: 'phone',
  $avatar: 'avatar',
  $created: 'createdAt',
}

/** What Mixpanel does to a profile, and whether doing it twice is the same as doing it once. `$set` and `$unset` are made of traits. */
export const PROFILE_OPERATIONS: Readonly<Record<string, { readonly repeatable: boolean }>> = {
  $set_once: { repeatable: true },
  $union: { repeatable: true },
  $remove: { repeatable: true },
  $add: { repeatable: false },
  $append: { repeatable: false },
}

/** Names of properties that mean something to Mixpanel, or that make it drop the event (`$ignore`) or break its pages (`bucket`). */
const RESERVED_PROPERTIES: readonly string[] = [
  ...['token', 'time', 'ip', 'distinct_id', '$user_id', '$device_id', '$insert_id', '$identified_id', '$anon_id', '$anon_distinct_id'],
  ...['alias', '$distinct_ids', '$source', 'bucket', '$bucket', '$ignore', 'waymark_through'],
]
const RESERVED_EVENTS: readonly string[] = INCOMING_EVENTS.map(([event]) => event)

const OWN = 'own_'

/** A name as it goes out: one that Mixpanel reserves gets `own_` before it. */
export function outgoingName(name: string, of: 'property' | 'event'): string {
  return isReserved(name.replace(/^(own_)+/, ''), of) ? OWN + name : name
}

/** A name that goes out, as it was. */
export function incomingName(name: string, of: 'property' | 'event'): string {
  return name.startsWith(OWN) && isReserved(name.replace(/^(own_)+/, ''), of) ? name.slice(OWN.length) : name
}

function isReserved(name: string, of: 'property' | 'event'): boolean {
  return (of === 'property' ? RESERVED_PROPERTIES : RESERVED_EVENTS).includes(name)
}
