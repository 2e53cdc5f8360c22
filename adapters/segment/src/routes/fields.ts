import { isObject } from '@waymark/core'
import type { Attempt } from '@waymark/kit'
import { parseJson, readBody, refused } from '@waymark/kit'

export interface Fields {
  readonly fields: Record<string, unknown>
  /** Size of the JSON text. */
  readonly bytes: number
  /** The body as it came, compressed where it was. */
  readonly sent: Uint8Array
}

/** Reads a JSON object of at most so many bytes. Segment answers 400 to a larger one. */
export async function readFields(request: Request, limit: number): Promise<Attempt<Fields>> {
  const body = await readBody(request, { bytes: limit, status: 400, mend: 'send less at a time: 32 KB an event, 500 KB a batch' })
  if (!body.ok) return body
  const { sent, bytes } = body.value
  const fields = parseJson(bytes)
  if (fields === undefined) return refused(400, 'malformed_json', 'the body is not JSON; send one JSON object in UTF-8')
  if (!isObject(fields)) return refused(400, 'not_an_object', 'the body is not a JSON object; send { … }')
  return { ok: true, value: { fields, bytes: bytes.length, sent } }
}
