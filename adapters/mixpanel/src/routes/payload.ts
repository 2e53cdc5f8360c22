import { type Attempt, refused } from '@waymark/kit'
import { decodeText } from './utf8.ts'

/** What a request holds: its rows, and what it wants to hear. */
export interface Payload {
  readonly rows: readonly unknown[]
  /** Parameters of the query and of the form, the query's first. */
  parameter(name: string): string | undefined
}

const HOLDS_NOTHING = "it holds no events: send a JSON array as the body, or base64 of one as the form field or parameter 'data'"

/**
 * Reads rows in every way that Mixpanel's SDKs write them: a JSON body or lines of JSON; else a form with a field `data`, whatever the content type says,
 * since beacons are `text/plain`; else the parameter `data`. The field is base64, or JSON itself.
 */
export function readPayload(query: URLSearchParams, body: Uint8Array | undefined): Attempt<Payload> {
  const text = body === undefined ? '' : decodeText(body).trimStart()
  const isJson = /^[[{]/.test(text)
  const form = isJson || body === undefined ? new Map<string, Uint8Array>() : fieldsOf(body)
  const parameter = (name: string) => query.get(name) ?? (form.has(name) ? decodeText(form.get(name)!) : undefined)
  const given = isJson ? text : textOfField(form.get('data') ?? bytesOf(query.get('data')))
  if (given === undefined) return refused(400, 'no_data', HOLDS_NOTHING)
  const rows = rowsOf(given)
  return rows === undefined ? refused(400, 'invalid_json', "'data' is no JSON, neither as it is nor as base64") : { ok: true, value: { rows, parameter } }
}

/** A form as bytes, for what is in it need not be UTF-8. A `=` in a value is part of the value: base64 is sent as it is. */
function fieldsOf(body: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const pairs = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1').trim().split('&')
  return new Map(
    pairs.map((pair) => {
      const end = pair.indexOf('=')
      return [end === -1 ? pair : pair.slice(0, end), unescaped((end === -1 ? '' : pair.slice(end + 1)).replaceAll('+', ' '))]
    }),
  )
}

/** Text in which each character is a byte, as the bytes it is escaped for. */
function unescaped(text: string): Uint8Array {
  return Buffer.from(
    text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
}

function textOfField(field: Uint8Array | undefined): string | undefined {
  if (field === undefined || field.length === 0) return undefined
  const text = decodeText(field).trimStart()
  // What became a space on the way was a plus.
  return /^[[{]/.test(text) ? text : decodeText(Buffer.from(text.replaceAll(' ', '+'), 'base64'))
}

function bytesOf(text: string | null): Uint8Array | undefined {
  return text === null ? undefined : Buffer.from(text)
}

function rowsOf(text: string): readonly unknown[] | undefined {
  const whole = parsed(text)
  if (whole !== undefined) return Array.isArray(whole.value) ? whole.value : [whole.value]
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const rows = lines.map(parsed)
  return lines.length > 1 && rows.every((row) => row !== undefined) ? rows.map((row) => row.value) : undefined
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}
