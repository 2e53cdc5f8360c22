import type { PluginContext } from '@waymark/core'
import { isObject } from '@waymark/core'
import { type Body, parseJson, readBody } from '@waymark/kit'
import { UPLOAD } from '../limits.ts'
import { NAMED } from '../mapping.ts'
import { type Collecting, collect } from './collect.ts'
import { answering, refuse, reply } from './reply.ts'

type Fields = Readonly<Record<string, unknown>>

/** Most in one request of `/groupidentify`; nothing is said of `/identify`. */
const MOST = 1024

/** Takes what is sent to `/identify` and `/groupidentify`: a form, with JSON in one of its fields; or the same as a JSON body. */
export async function collectIdentify(request: Request, kind: 'identify' | 'groupidentify', collecting: Collecting, context: PluginContext): Promise<Response> {
  const body = await readBody(request, { bytes: UPLOAD.httpapi.bytes, mend: 'send less at a time' })
  if (!body.ok) return refuse(body.refusal)
  const fields = fieldsOf(body.value)
  const given = fields['identification']
  const identifications = typeof given === 'string' ? parseJson(Buffer.from(given)) : given
  const list = Array.isArray(identifications) ? identifications : [identifications]
  if (list.some((one) => !isObject(one))) return reply(400, { error: 'missing_event', missing_field: 'identification' })
  if (list.length > MOST) return reply(413, { error: `Payload too large: a request may have ${MOST} identifications` })
  const events = (list as Fields[]).map(kind === 'identify' ? asIdentify : asGroupIdentify)
  return answering(() => collect(request, { path: `/${kind}`, body: body.value, apiKey: fields['api_key'], events }, collecting, context))
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
