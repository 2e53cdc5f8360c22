import { type Attempt, refused } from '@waymark/kit'
import type { AmplitudeOptions } from '../options.ts'

/** The name of a key's source; undefined for a key that is not let in. */
export type SourceOf = (apiKey: string) => string | undefined

/** What was mirrored is from Amplitude as far as the sink is concerned: named like the plugin, it is not handed on a second time. */
export function sourceNames({ apiKeys, mirror }: Pick<AmplitudeOptions, 'apiKeys' | 'mirror'>, plugin: string): SourceOf {
  const names = apiKeys === undefined ? undefined : isList(apiKeys) ? new Map(apiKeys.map((key) => [key, key])) : new Map(Object.entries(apiKeys))
  return (apiKey) => {
    const name = names === undefined ? apiKey : names.get(apiKey)
    return name === undefined || mirror === undefined || mirror === false ? name : `${plugin}:${name}`
  }
}

export function sourceOfKey(apiKey: unknown, sourceOf: SourceOf): Attempt<string> {
  if (typeof apiKey !== 'string' || apiKey === '') return refused(400, 'api_key', "send the project's key as 'api_key'")
  const source = sourceOf(apiKey)
  if (source === undefined) return refused(400, 'unknown_api_key', 'this key is not let in: use one that amplitude({ apiKeys }) names, or add it there')
  return { ok: true, value: source }
}

function isList(apiKeys: NonNullable<AmplitudeOptions['apiKeys']>): apiKeys is readonly string[] {
  return Array.isArray(apiKeys)
}
