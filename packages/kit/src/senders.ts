/** Who is let in: keys or tokens, each with the name of its source, or a list of those that are their own names. */
export type Senders = Readonly<Record<string, string>> | readonly string[]

/** The name of a key's source; undefined for a key that is not let in. */
export type SourceOf = (key: string) => string | undefined

/**
 * Whom the option lets in; without it, anybody. `mirroredBy`: the plugin that passes everything on to the vendor. Such a source is named like the
 * plugin (`mixpanel:web`), so that the plugin's own sink does not hand its events on a second time.
 */
export function sourceNames(senders: Senders | undefined, mirroredBy?: string): SourceOf {
  const names = senders === undefined ? undefined : new Map(isList(senders) ? senders.map((key) => [key, key]) : Object.entries(senders))
  return (key) => {
    const name = names === undefined ? key : names.get(key)
    return name === undefined || mirroredBy === undefined ? name : `${mirroredBy}:${name}`
  }
}

/** The sources that somebody named, for what metrics tell apart. A key that is its own name stays out of what people look at. */
export function sourceLabels(senders: Senders | undefined, sourceOf: SourceOf): readonly string[] {
  return senders === undefined || isList(senders) ? [] : Object.keys(senders).flatMap((key) => sourceOf(key) ?? [])
}

function isList(senders: Senders): senders is readonly string[] {
  return Array.isArray(senders)
}
