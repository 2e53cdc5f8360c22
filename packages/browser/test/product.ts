import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export interface Told {
  readonly userId?: string
  readonly anonymousId?: string
  readonly key: string
  readonly interaction: string
}

/** A product with a strict policy, and beside it, on another origin, a host that speaks the protocol of the in-app channel. */
export interface Product {
  readonly url: string
  readonly answers: readonly Told[]
  /** Requests for files of the bundle. */
  readonly loaded: readonly string[]
  send(userId: string, message: { key: string; kind: string; content: object }): void
  /** While true, answers are refused as by a host that is down. */
  setDown(isDown: boolean): void
  forget(): void
  close(): Promise<void>
}

type Open = { key: string; kind: string; content: object }

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Fieldnotes</title><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="/page.css"><script type="module" src="/page.js"></script></head>
<body><header><strong>Fieldnotes</strong><nav><button id="before">Overview</button><button id="boards">Boards</button><button id="after">Reports</button></nav></header>
<main><h1>Boards</h1><p>What the team is working on this week.</p>
<ul><li><h2>To do</h2><p>Plan the interviews</p><p>Call the hut</p></li><li><h2>Doing</h2><p>Write up the findings</p></li><li><h2>Done</h2><p>Book the train</p></li></ul></main>
</body></html>`

const PAGES: Readonly<Record<string, string>> = { '/': PAGE, '/help': '<!doctype html><title>Help</title><link rel="icon" href="data:,">' }

const STYLE = `body { margin: 0; font: 15px/1.5 system-ui, sans-serif; background: light-dark(#f6f7f9, #15171c); color: light-dark(#1f2530, #e5e8ee) }
header { display: flex; gap: 32px; align-items: center; padding: 14px 40px; background: light-dark(#fff, #1b1e24); border-bottom: 1px solid light-dark(#e4e7ec, #2c3038) }
nav { display: flex; gap: 6px } nav button { font: inherit; padding: 6px 14px; border: 0; border-radius: 8px; background: none; color: inherit }
#boards { background: light-dark(#eceff5, #2a2e37) } main { max-width: 900px; margin: 40px auto; padding: 0 40px }
ul { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(3, 1fr); gap: 18px } li { background: light-dark(#eceff5, #1d2027); padding: 14px; border-radius: 12px }
li h2 { font-size: 14px; margin: 0 0 10px } li p { margin: 0 0 8px; padding: 10px 12px; border-radius: 8px; background: light-dark(#fff, #282c35) }`

/** Names the user in the query, and keeps what the page hears of at `window.heard`. */
const SCRIPT = `
import { createWaymark } from './src/index.ts'
const query = new URLSearchParams(location.search)
window.heard = []
window.user = { userId: query.get('user') }
window.waymark = createWaymark({ host: query.get('host'), identity: () => window.user })
for (const name of ['shown', 'action', 'dismissed', 'problem']) window.waymark.on(name, (event) => window.heard.push([name, event.message?.key ?? String(event)]))
`

async function bundle(): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: fileURLToPath(new URL('..', import.meta.url)), loader: 'ts' },
    outdir: '/out',
    entryNames: 'page',
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2023',
  })
  return new Map(outputFiles.map(({ path, text }) => [path.slice('/out'.length), text]))
}

export async function startProduct(): Promise<Product> {
  const files = await bundle()
  const inboxes = new Map<string, Map<string, Open>>()
  const streams = new Set<{ readonly userId: string; readonly response: ServerResponse }>()
  const answers: Told[] = []
  const loaded: string[] = []
  let isDown = false
  let id = 0

  const inboxOf = (userId: string) => inboxes.get(userId) ?? inboxes.set(userId, new Map()).get(userId)!
  const write = (response: ServerResponse, event: string, data: unknown) => response.write(`id: ${++id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  const tell = (userId: string, event: string, data: unknown) => {
    for (const stream of streams) if (stream.userId === userId) write(stream.response, event, data)
  }

  const host = await listening(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://host')
    response.setHeader('access-control-allow-origin', '*')
    if (url.pathname === '/inapp/stream') {
      const userId = url.searchParams.get('userId') ?? ''
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).write('retry: 2000\n\n')
      const stream = { userId, response }
      streams.add(stream)
      response.on('close', () => streams.delete(stream))
      write(response, 'inbox', [...inboxOf(userId).values()])
    } else if (url.pathname === '/inapp/answers' && isDown) {
      response.writeHead(503).end()
    } else if (url.pathname === '/inapp/answers') {
      let body = ''
      for await (const chunk of request) body += chunk
      const told = JSON.parse(body) as Told
      answers.push(told)
      if (told.interaction !== 'seen') inboxOf(told.userId ?? '').delete(told.key)
      tell(told.userId ?? '', 'settled', { key: told.key, interaction: told.interaction })
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"success":true}')
    } else response.writeHead(404).end()
  })
  const hostUrl = urlOf(host)
  const product = await listening((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://product')
    loaded.push(pathname)
    const policy = `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ${hostUrl}; img-src 'self' data:; base-uri 'none'`
    const file = pathname === '/page.css' ? STYLE : (files.get(pathname) ?? PAGES[pathname] ?? '')
    const type = pathname.endsWith('.js') ? 'text/javascript' : pathname.endsWith('.css') ? 'text/css' : 'text/html'
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': policy }).end(file)
  })

  return {
    url: `${urlOf(product)}/?host=${encodeURIComponent(hostUrl)}`,
    answers,
    loaded,
    send(userId, message) {
      inboxOf(userId).set(message.key, message)
      tell(userId, 'message', message)
    },
    setDown(value) {
      isDown = value
    },
    forget() {
      inboxes.clear()
      answers.length = 0
      loaded.length = 0
    },
    async close() {
      await Promise.all([product, host].map((server) => new Promise((resolve) => server.close(resolve).closeAllConnections())))
    },
  }
}

async function listening(handle: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>): Promise<Server> {
  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
