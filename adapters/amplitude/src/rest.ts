import type { PluginContext } from '@waymark/core'
import { type Answer, basicAuthorization, type Outgoing, parseJson, post, retryAfter } from '@waymark/kit'
import { HOSTS, type Region } from './hosts.ts'

/** The keys of a project, for what is asked of Amplitude rather than sent to it: Settings > Projects. */
export interface RestOptions {
  readonly apiKey: string
  readonly secretKey: string
  /** Scheme and host. Default: Amplitude's, of the region. */
  readonly host?: string
  /** How long one request may take, in milliseconds. Default 10,000; an export's, 10 minutes; that for a file of members, 2 minutes. */
  readonly timeout?: number
}

/** What became of a request: what was asked for, or that it is to be asked again, or that a person has to look. */
export type RestAnswer =
  | { readonly kind: 'ok'; readonly status: number; readonly headers: Headers; readonly text: string; readonly json: unknown }
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs?: number }
  | { readonly kind: 'failed'; readonly status: number; readonly reason: string }

interface Asked {
  readonly query?: Readonly<Record<string, string>>
  readonly json?: unknown
  /** Default GET, and POST where there is JSON. */
  readonly method?: string
  /** How much of the answer is read, in bytes. Default 1 MB; more than that is a failure, for half an answer is none. */
  readonly mostBytes?: number
  /** Milliseconds for this request, where the options do not say. */
  readonly timeout?: number
}

export interface Rest {
  url(path: string, query?: Readonly<Record<string, string>>): URL
  readonly authorization: string
  ask(path: string, options: Asked, context: PluginContext): Promise<RestAnswer>
}

/** Amplitude's REST APIs: basic authorization, JSON both ways. */
export function createRest({ apiKey, secretKey, host, timeout }: RestOptions, region: Region = 'us'): Rest {
  const authorization = basicAuthorization(apiKey, secretKey)
  const url: Rest['url'] = (path, query = {}) => {
    const made = new URL(path, host ?? HOSTS[region].rest)
    for (const [name, value] of Object.entries(query)) made.searchParams.set(name, value)
    return made
  }
  return {
    url,
    authorization,
    async ask(path, { query, json, mostBytes, timeout: usual, method = json === undefined ? 'GET' : 'POST' }, context) {
      const wait = timeout ?? usual
      const outgoing: Outgoing = {
        url: url(path, query),
        method,
        headers: { authorization, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        ...(wait === undefined ? {} : { timeout: wait }),
        ...(mostBytes === undefined ? {} : { mostBytes }),
      }
      return restAnswer(await post(outgoing, context), path, context)
    },
  }
}

function restAnswer(answer: Answer, path: string, { clock }: Pick<PluginContext, 'clock'>): RestAnswer {
  if (answer.kind === 'silent') return { kind: 'retry', reason: answer.reason }
  const { status, headers, body, isWhole } = answer
  if (status < 400 && !isWhole) return { kind: 'failed', status, reason: `Amplitude's answer to ${path} has more bytes than are read of it` }
  if (status < 400) return { kind: 'ok', status, headers, text: body, json: parseJson(Buffer.from(body)) }
  const reason = `Amplitude answered ${status} to ${path}: ${body.slice(0, 200)}`
  if (status === 401 || status === 403) return { kind: 'retry', reason: `${reason}; check rest.apiKey, rest.secretKey and region` }
  if (status !== 429 && status < 500) return { kind: 'failed', status, reason }
  const afterMs = retryAfter(headers, clock.now())
  return { kind: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) }
}
