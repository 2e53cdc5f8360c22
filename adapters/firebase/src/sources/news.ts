import type { JsonObject } from '@waymark/core'

/** What is known of devices and users: what says the same as before is no news. */
export interface News {
  /** Whether these user properties are others than those last seen of the device or user. */
  areNew(who: string, properties: JsonObject): boolean
  /** Whether the device has had no user before. */
  isFirst(instance: string): boolean
}

/** Most devices remembered; those longest unseen go first, and what is said of them again is then taken for news. */
const REMEMBERED = 50_000

/** Memory of one process: after a restart all is news once more, under the message ids it had. */
export function createNews(remembered: number = REMEMBERED): News {
  const properties = new Map<string, string>()
  const seen = new Map<string, true>()

  function remember<T>(map: Map<string, T>, key: string, value: T): void {
    map.delete(key)
    map.set(key, value)
    if (map.size > remembered) map.delete(map.keys().next().value as string)
  }

  return {
    areNew(who, said) {
      const text = JSON.stringify(Object.entries(said).sort(([left], [right]) => (left < right ? -1 : 1)))
      const isNew = properties.get(who) !== text
      remember(properties, who, text)
      return isNew
    },
    isFirst(instance) {
      const isNew = !seen.has(instance)
      remember(seen, instance, true)
      return isNew
    },
  }
}
