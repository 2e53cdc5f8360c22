import { createHash, timingSafeEqual } from 'node:crypto'
import { isObject } from '@waymark/core'
import { type Attempt, basicCredentials, refused } from '@waymark/kit'
import type { MixpanelOptions } from '../options.ts'

/** The name of a token's source; undefined for a token that is not let in. */
export type SourceOf = (token: string) => string | undefined

export function sourceNames(tokens: MixpanelOptions['tokens']): SourceOf {
  if (tokens === undefined) return (token) => token
  const names = new Map(Array.isArray(tokens) ? (tokens as readonly string[]).map((token) => [token, token]) : Object.entries(tokens))
  return (token) => names.get(token)
}

/** The sources of rows, in order: each row's own token, else the user name of basic authorization. One that is not let in refuses the request. */
export function identify(rows: readonly unknown[], headers: Headers, sourceOf: SourceOf): Attempt<readonly string[]> {
  const user = basicCredentials(headers)?.user
  const sources: string[] = []
  for (const row of rows) {
    const token = tokenOf(row) ?? user
    if (token === undefined || token === '')
      return refused(401, 'no_token', 'token: missing; send it with each event, or as the user name of basic authorization')
    const source = sourceOf(token)
    if (source === undefined) return refused(401, 'unknown_token', 'token: it is not let in; use one that mixpanel({ tokens }) names, or add it there')
    sources.push(source)
  }
  return { ok: true, value: sources }
}

function tokenOf(row: unknown): string | undefined {
  if (!isObject(row)) return undefined
  const token = row['$token'] ?? (isObject(row['properties']) ? row['properties']['token'] : undefined)
  return typeof token === 'string' && token !== '' ? token : undefined
}

/** Whether two secrets are the same, in a time that does not tell how much of them is. */
export function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
