import { isObject } from '@waymark/core'
import { type Attempt, basicCredentials, refused, type SourceOf } from '@waymark/kit'

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
