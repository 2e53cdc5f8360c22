import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import type { Plugin, PluginContext, Route } from '@waymark/core'

export interface Running {
  readonly url: string
  stop(): Promise<void>
}

/** Serves a plugin's routes over real HTTP, each also under the plugin's name. */
export async function serve(plugin: Plugin, context: PluginContext): Promise<Running> {
  const mounted = (plugin.routes ?? []).flatMap((route) => ['', `/${plugin.name}`].map((prefix) => ({ route, match: matcher(prefix + route.path) })))
  const server = createServer(async (incoming, outgoing) => {
    const url = new URL(`http://${incoming.headers.host}${incoming.url}`)
    // As a host does: `//track/` is `/track`.
    const path = url.pathname.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
    const body = incoming.method === 'GET' || incoming.method === 'OPTIONS' ? {} : { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' }
    const request = new Request(url, { method: incoming.method!, headers: incoming.headers as Record<string, string>, ...body } as RequestInit)
    const response = await answer(mounted, request, path, context)
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(Buffer.from(await response.arrayBuffer()))
  })
  return listen(server)
}

export async function listen(server: Server): Promise<Running> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(mounted: readonly { route: Route; match: Match }[], request: Request, path: string, context: PluginContext): Promise<Response> {
  for (const { route, match } of mounted) {
    const params = route.method === request.method ? match(path) : undefined
    if (params === undefined) continue
    try {
      return await route.handle(request, params, context)
    } catch (error) {
      return new Response(String(error), { status: 500 })
    }
  }
  return new Response('no such path', { status: 404 })
}

type Match = (path: string) => Record<string, string> | undefined

function matcher(pattern: string): Match {
  const expression = new RegExp(`^${pattern.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`)
  return (path) => {
    const found = expression.exec(path)
    return found === null ? undefined : { ...found.groups }
  }
}
