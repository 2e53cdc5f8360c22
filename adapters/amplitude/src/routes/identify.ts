import type { PluginContext } from '@waymark/core'
import { isObject } from '@waymark/core'
import { type Body, parseJson, readBody, unlessBusy } from '@waymark/kit'
import { UPLOAD } from '../limits.ts'
import { NAMED } from '../mapping.ts'
import { type Collecting, collect } from './collect.ts'
import { refuse, reply } from './reply.ts'

type Fields = Readonly<Record<string, unknown>>

/** Most in one request of `/groupidentify`; nothing is said of `/identify`. */
const MOST = 1024

/** Longest address, in characters, of a request that has it all there; Amplitude names no limit. Below what HTTP servers take themselves. */
const LONGEST_ADDRESS = 8192

/** Takes what is sent to `/identify` and `/groupidentify`: a form, with JSON in one of its fields; the same as a JSON body, or in the query of a GET. */
export async function collectIdentify(request: Request, kind: 'identify' | 'groupidentify', collecting: Collecting, context: PluginContext): Promise<Response> {
  if (request.url.length > LONGEST_ADDRESS) return reply(414, { error: 'Request-URI Too Long: send it by POST' })
  const body = await readBody(request, { bytes: UPLOAD.httpapi.bytes, mend: 'send less at a time' })
  if (!body.ok) return refuse(body.refusal)
  const fields = request.method === 'GET' ? Object.fromEntries(new URL(request.url).searchParams) : fieldsOf(body.value)
  const given = fields['identification']
  const identifications = typeof given === 'string' ? parseJson(Buffer.from(given)) : given
  const list = Array.isArray(identifications) ? identifications : [identifications]
  if (!list.every(isObject)) return reply(400, { error: 'missing_event', missing_field: 'identification' })
  if (list.length > MOST) return reply(413, { error: `Payload too large: a request may have ${MOST} identifications` })
  const events = list.map(kind === 'identify' ? asIdentify : asGroupIdentify)
  const delivery = { path: `/${kind}`, body: body.value, apiKey: fields['api_key'], events }
  return unlessBusy(() => collect(request, delivery, collecting, context), refuse)
}

function asIdentify(identification: Fields): Fields {
  return { ...identification, event_type: NAMED.identify }
}

function asGroupIdentify({ group_type, group_value, ...rest }: Fields): Fields {
  return { ...rest, event_type: NAMED.group, ...(typeof group_type === 'string' ? { groups: { [group_type]: group_value } } : {}) }
}

function fieldsOf({ bytes }: Body): Fields {
  const json = parseJson(bytes)
  return isObject(json) ? json : Object.fromEntries(new URLSearchParams(Buffer.from(bytes).toString()))
}
