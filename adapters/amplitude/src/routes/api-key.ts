import { type Attempt, refused, type SourceOf } from '@waymark/kit'

/** The source of the key that a request brings; Amplitude answers 400 where there is none. */
export function sourceOfKey(apiKey: unknown, sourceOf: SourceOf): Attempt<string> {
  if (typeof apiKey !== 'string' || apiKey === '') return refused(400, 'api_key', "send the project's key as 'api_key'")
  const source = sourceOf(apiKey)
  if (source === undefined) return refused(400, 'unknown_api_key', 'this key is not let in: use one that amplitude({ apiKeys }) names, or add it there')
  return { ok: true, value: source }
}
