import type { CanonicalEvent, Parsed } from './event.ts'

/**
 * What SDKs, templates and SQL exports send where they have no id: in small letters, trimmed. A profile under one of these would
 * merge strangers.
 */
const NOBODY: ReadonlySet<string> = new Set([
  ...['', '-1', 'null', '(null)', '<null>', '\\n', 'nil', '<nil>', 'undefined', '(undefined)', 'none', '(none)', 'nan', 'n/a', '#n/a'],
  ...['not set', '(not set)', 'not_set', 'unset', 'unknown', '(unknown)', 'anonymous', 'guest', 'true', 'false', '[object object]', '{}', '[]'],
])

/** 0, the nil UUID, and the advertising id of a phone whose owner allows none. */
const ZEROS = /^[0-]+$/

/** What Android answered on every phone of a make, on every emulator, or to apps that may not ask. Each is the id of many devices. */
const DEVICES: ReadonlySet<string> = new Set(['9774d56d682e549c', '004999010640000', '02:00:00:00:00:00'])

/** No id above with letters in it is longer. */
const LONGEST = 17

/** Why an id stands for nobody in particular; undefined when it may be somebody. */
export type Ban = (field: IdField, id: string) => string | undefined
type IdField = 'userId' | 'anonymousId' | 'previousId'

/**
 * Tells ids from what is sent in place of one. `banned` adds to the list: ids, or their beginnings with a `*` at the end. Case and
 * the spaces around an id do not matter.
 */
export function createBan(banned: readonly string[] = []): Ban {
  const listed = banned.map((one) => one.trim().toLowerCase())
  const whole = new Set(listed.filter((one) => !one.endsWith('*')))
  const beginnings = listed.filter((one) => one.endsWith('*')).map((one) => one.slice(0, -1))
  return (field, id) => {
    const trimmed = id.trim()
    const text = trimmed.length > LONGEST && listed.length === 0 ? trimmed : trimmed.toLowerCase()
    const because = (reason: string) => `${field}: ${JSON.stringify(id).slice(0, 80)} ${reason}`
    if (NOBODY.has(text) || ZEROS.test(text)) return because('stands for nobody; send no id until there is one')
    if (field !== 'userId' && DEVICES.has(text)) return because('is the id of many devices; let the SDK make one for each')
    if (whole.has(text) || beginnings.some((one) => text.startsWith(one))) return because('is banned in the config, by identity.banned')
    return undefined
  }
}

/**
 * The event without ids that stand for nobody, and why each was left out; the event itself when it has none. An event with no other
 * id, and an alias whose previous id it is, is nobody's: the reason comes back.
 */
export function withoutNobody(event: CanonicalEvent, ban: Ban): Parsed<CanonicalEvent> {
  const { userId, anonymousId, previousId } = event
  const user = userId === undefined ? undefined : ban('userId', userId)
  const visitor = anonymousId === undefined ? undefined : ban('anonymousId', anonymousId)
  const previous = previousId === undefined ? undefined : ban('previousId', previousId)
  if (user === undefined && visitor === undefined && previous === undefined) return { ok: true, value: event }

  if (previous !== undefined && event.type === 'alias') return { ok: false, reason: previous }
  const isNobodys = (userId === undefined || user !== undefined) && (anonymousId === undefined || visitor !== undefined)
  const reason = user ?? visitor
  if (isNobodys && reason !== undefined && event.type !== 'group') return { ok: false, reason }

  const { userId: _user, anonymousId: _visitor, previousId: _previous, ...rest } = event
  return {
    ok: true,
    value: {
      ...rest,
      ...(userId === undefined || user !== undefined ? {} : { userId }),
      ...(anonymousId === undefined || visitor !== undefined ? {} : { anonymousId }),
      ...(previousId === undefined || previous !== undefined ? {} : { previousId }),
    },
    leftOut: [user, visitor, previous].filter((one) => one !== undefined),
  }
}
