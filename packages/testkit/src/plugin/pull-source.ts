import type { CanonicalEvent, Json, Plugin, PluginContext, Source, SourcePage } from '@waymark/core'
import type { MemoryContext } from './memory-context.ts'

interface Pulled {
  readonly plugin: Plugin
  readonly source?: string
  readonly events: number
  readonly subscribes?: boolean
}

/** Pulls that may fail, or bring nothing, before it counts as one that never ends. */
const PULLS = 50

export function sourceOf({ plugin, source }: Pick<Pulled, 'plugin' | 'source'>): Source {
  const sources = plugin.sources ?? []
  const found = source === undefined ? sources[0] : sources.find(({ name }) => name === source)
  if (found === undefined || (source === undefined && sources.length > 1)) {
    throw new Error(`the plugin ${plugin.name} has the sources ${sources.map(({ name }) => `'${name}'`).join(', ') || 'none'}: name one of them in 'source'`)
  }
  return found
}

/** Pulls as a host does until a pull brings nothing new: from the last cursor, again after a throw, waiting on the virtual clock. */
export async function pullAll(
  under: Pulled,
  from: Json | undefined,
  context: MemoryContext,
  way: 'smoothly' | 'through failures' = 'smoothly',
): Promise<SourcePage[]> {
  const source = sourceOf(under)
  const pages: SourcePage[] = []
  let cursor = from
  const isEnough = () => under.subscribes === true && idsOf(pages.flatMap(({ events }) => events)).size >= under.events
  for (let pull = 0; pull < PULLS; pull += 1) {
    const before = pages.length
    try {
      await collect(source, cursor, context, (page) => {
        pages.push(page)
        cursor = page.cursor ?? cursor
        context.time += page.pauseMs ?? 0
        return isEnough()
      })
    } catch (error) {
      if (way === 'smoothly') throw error
      context.time += source.every ?? 60_000
      continue
    }
    // One that fetches an overlap anew brings what it has brought before.
    const known = idsOf(pages.slice(0, before).flatMap(({ events }) => events))
    const isNew = [...idsOf(pages.slice(before).flatMap(({ events }) => events))].some((id) => !known.has(id))
    if (isEnough() || !isNew) return pages
    context.time += source.every ?? 60_000
  }
  throw new Error(`source '${source.name}': there was no end after ${PULLS} pulls`)
}

/** One pull; a subscription is ended once `isDone` says so. */
export async function collect(
  source: Source,
  cursor: Json | undefined,
  context: MemoryContext | PluginContext,
  isDone: (page: SourcePage) => boolean,
): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([context.signal, stop.signal])
  // The context itself stays the prototype, so that its clock goes on.
  const own = Object.create(context, { signal: { value: signal } }) as PluginContext
  for await (const page of source.pull(cursor, own)) {
    if (isDone(page)) stop.abort()
  }
}

/** What a host knows events by. */
export function idsOf(events: readonly CanonicalEvent[]): ReadonlySet<string> {
  return new Set(events.map(({ source, messageId }) => JSON.stringify([source, messageId])))
}
