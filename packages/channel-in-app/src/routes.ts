import { type Identity, INTERACTIONS, type Interaction, isObject, type PluginContext, type Route } from '@waymark/core'
import { bind, inbox, tellInbox } from './inbox.ts'
import { openStream, type Stream, type Streams } from './streams.ts'

/** Pages of any origin may ask: what they get is decided by the identity they show, never by a cookie. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'content-type',
  'access-control-allow-methods': 'GET, POST',
  'access-control-max-age': '86400',
}
const LARGEST_ANSWER = 8 * 1024

export function routes(streams: Streams): readonly Route[] {
  const preflight = (path: string): Route => ({ method: 'OPTIONS', path, handle: () => new Response(null, { status: 204, headers: CORS }) })
  return [
    {
      method: 'GET',
      path: '/inapp/stream',
      handle: (request, _, context) => {
        const identity = identityIn(request)
        return identity === undefined ? noIdentity() : stream(identity, request.signal, streams, context)
      },
    },
    {
      method: 'GET',
      path: '/inapp/inbox',
      handle: async (request, _, context) => {
        const identity = identityIn(request)
        if (identity === undefined) return noIdentity()
        const profile = await context.conversation.profileOf(identity)
        return json(200, { messages: profile === undefined ? [] : await inbox(profile, context) })
      },
    },
    { method: 'POST', path: '/inapp/answers', handle: (request, _, context) => answer(request, context) },
    preflight('/inapp/stream'),
    preflight('/inapp/inbox'),
    preflight('/inapp/answers'),
  ]
}

async function stream(identity: Identity, signal: AbortSignal, streams: Streams, context: PluginContext): Promise<Response> {
  if (!streams.isRunning) return refusal(503, 'STOPPED', 'the in-app channel is not running')
  const { stream: opened, body } = openStream(identity, context.clock, (closed) => streams.remove(closed))
  // Listening before the inbox is read: a message that comes in between may be told twice, and the page knows it by its key.
  streams.add(opened)
  if (signal.aborted) opened.close()
  else signal.addEventListener('abort', () => opened.close(), { once: true })
  // The stream begins at once; its inbox follows when it is read.
  void listen(opened, context)
  return new Response(body, { headers: { ...CORS, 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' } })
}

async function listen(opened: Stream, context: PluginContext): Promise<void> {
  // Held back from the start: nothing is told before the inbox.
  opened.readInbox()
  try {
    await bind(opened, context)
  } catch (error) {
    context.log.warn('a stream was closed: its user could not be found', { error: String(error) })
    opened.close()
    return
  }
  await tellInbox(opened, context)
}

/** Whatever the content type: a page that is being closed can only send text. */
async function answer(request: Request, context: PluginContext): Promise<Response> {
  const text = await textOf(request)
  if (text === undefined) return refusal(413, 'TOO_LARGE', `an answer is at most ${LARGEST_ANSWER} bytes`)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return refusal(400, 'NOT_JSON', 'the body is not JSON; send { userId or anonymousId, key, interaction }')
  }
  if (!isObject(body)) return refusal(400, 'NOT_AN_OBJECT', 'send a JSON object: { userId or anonymousId, key, interaction }')
  const { key, interaction } = body
  if (typeof key !== 'string' || key === '') return refusal(400, 'NO_KEY', 'key: send the key of the message')
  if (!isInteraction(interaction)) return refusal(400, 'UNKNOWN_INTERACTION', `interaction: send one of ${Object.keys(INTERACTIONS).join(', ')}`)
  const identity = identityOf(body['userId'], body['anonymousId'])
  if (identity === undefined) return noIdentity()
  const isTheirs = await context.conversation.answer(identity, key, interaction)
  return isTheirs ? json(200, { success: true }) : refusal(404, 'NO_SUCH_MESSAGE', 'this user has no message with that key')
}

/** Undefined when it is too long: the rest is not read. */
async function textOf(request: Request): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > LARGEST_ANSWER) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function isInteraction(value: unknown): value is Interaction {
  return typeof value === 'string' && Object.hasOwn(INTERACTIONS, value)
}

function identityIn(request: Request): Identity | undefined {
  const { searchParams } = new URL(request.url)
  return identityOf(searchParams.get('userId'), searchParams.get('anonymousId'))
}

function identityOf(userId: unknown, anonymousId: unknown): Identity | undefined {
  const identity = { ...(isId(userId) ? { userId } : {}), ...(isId(anonymousId) ? { anonymousId } : {}) }
  return Object.keys(identity).length === 0 ? undefined : identity
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function noIdentity(): Response {
  return refusal(400, 'NO_IDENTITY', 'send a userId or an anonymousId')
}

function refusal(status: number, code: string, message: string): Response {
  return json(status, { success: false, code, message })
}

function json(status: number, body: unknown): Response {
  return Response.json(body, { status, headers: CORS })
}
