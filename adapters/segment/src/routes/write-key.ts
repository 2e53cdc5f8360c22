import { isObject } from '@waymark/core'
import type { Attempt, SourceOf } from '@waymark/kit'
import { basicCredentials, refused } from '@waymark/kit'

/**
 * Who sends: the key in basic authorization, else in the body, else in a batch's first event, as browsers repeat it there.
 * Segment itself answers 200 to a key it does not know and throws the events away. Here that is a 401, so that it is noticed.
 */
export function identify(headers: Headers, body: Record<string, unknown>, sourceOf: SourceOf): Attempt<string> {
  const first = Array.isArray(body['batch']) ? (body['batch'] as unknown[])[0] : undefined
  const key = [basicCredentials(headers)?.user, body['writeKey'], isObject(first) ? first['writeKey'] : undefined].find(
    (candidate) => typeof candidate === 'string' && candidate !== '',
  )
  if (key === undefined) {
    return refused(401, 'no_write_key', "no write key: send it as the user name of basic authorization, or as 'writeKey' in the body")
  }
  const source = sourceOf(key as string)
  if (source === undefined) return refused(401, 'unknown_write_key', 'this write key is not let in: use one that segment({ writeKeys }) names, or add it there')
  return { ok: true, value: source }
}
