import type { Attempt } from '@waymark/kit'
import { isSameSecret, refused } from '@waymark/kit'
import type { StreamKind } from '../measurement/measurement.ts'
import { kindOf } from '../measurement/measurement.ts'
import type { FirebaseOptions } from '../options.ts'

/** The stream a request belongs to. */
export interface Stream {
  readonly id: string
  readonly kind: StreamKind
  /** The name of its source. */
  readonly source: string
}

/**
 * Who sends: the stream and the secret of the query. Google answers 204 to a secret it does not know and throws the events away. Here that is
 * a 401, so that it is noticed.
 */
export function streamOf(query: URLSearchParams, streams: FirebaseOptions['streams']): Attempt<Stream> {
  const app = query.get('firebase_app_id') ?? ''
  const id = app === '' ? (query.get('measurement_id') ?? '') : app
  if (id === '') return refused(400, 'no_stream', 'no stream: add firebase_app_id or measurement_id to the query')
  const kind = app === '' ? 'web' : kindOf(id)
  if (streams === undefined) return { ok: true, value: { id, kind, source: id } }
  const stream = Object.hasOwn(streams, id) ? streams[id] : undefined
  const secret = query.get('api_secret') ?? ''
  if (stream === undefined || ![stream.apiSecret].flat().some((one) => isSameSecret(one, secret))) {
    return refused(
      401,
      'unknown_stream',
      'this firebase_app_id or measurement_id is not let in with this api_secret: use one that firebase({ streams }) names, or add it there',
    )
  }
  return { ok: true, value: { id, kind, source: stream.name } }
}
