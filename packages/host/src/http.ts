import type { Plugin, PluginContext, Route } from '@waymark/core'
import { Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import type { Door } from './door.ts'
import { answerTo, unavailable } from './failures.ts'
import type { Health } from './health.ts'
import type { Instruments } from './observe/instruments.ts'
import type { Scraped } from './observe/metrics.ts'

export interface RouterParts {
  readonly plugins: readonly Plugin[]
  readonly contextOf: (plugin: Plugin) => PluginContext
  readonly health: () => Health
  readonly door: Door
  readonly watch: Instruments['route']
  /** What `/metrics` shows; absent where nothing is counted. */
  readonly scrape?: () => Promise<Scraped>
}

/** The web-standard handler of a host: its own endpoints, and each plugin's routes at their path and under the plugin's name. */
export function createRouter(parts: RouterParts): (request: Request) => Promise<Response> {
  const { plugins, health, scrape } = parts
  const app = new Hono({ getPath: pathOf })
  app.get('/healthz', () => alive())
  app.get('/readyz', () => readiness(health()))
  if (scrape !== undefined) {
    app.get('/metrics', async () => {
      const { text, contentType } = await scrape()
      return new Response(text, { headers: { 'content-type': contentType } })
    })
  }
  for (const plugin of plugins) {
    const context = parts.contextOf(plugin)
    for (const route of plugin.routes ?? []) {
      for (const path of pathsOf(plugin, route)) {
        const handle = parts.watch(plugin, path, safely(path, route))
        app.on(route.method, path, (c) => {
          // What came before the host began to close is finished; what comes after it is another one's.
          if (health().state === 'closing') return unavailable('CLOSING', 'the host is closing; send it again', 1, { connection: 'close' })
          return parts.door.during(async () => handle(c.req.raw, c.req.param() as Record<string, string>, context))
        })
      }
    }
  }
  app.notFound((c) => c.json({ success: false, code: 'NOT_FOUND', message: `there is nothing at ${c.req.method} ${c.req.path}` }, 404))
  return async (request) => app.fetch(request)
}

/** Senders put addresses together of parts: `//track/` is `/track`. */
function pathOf(request: Request): string {
  return getPath(request)
    .replace(/\/{2,}/g, '/')
    .replace(/(?<=.)\/$/, '')
}

/** The process lives, whatever else may be wrong. */
export function alive(): Response {
  return Response.json({ status: 'ok' })
}

export function readiness(health: Health): Response {
  return Response.json(health, { status: health.ready ? 200 : 503, headers: { 'cache-control': 'no-store' } })
}

/** The route, with an answer for what it throws. */
function safely(path: string, route: Route): Route['handle'] {
  return async (request, params, context) => {
    try {
      return await route.handle(request, params, context)
    } catch (error) {
      const answer = answerTo(error)
      if (answer !== undefined) return answer
      context.log.error('a route threw', { path, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
      return Response.json({ success: false, code: 'INTERNAL', message: 'the host could not handle this request; its log says why' }, { status: 500 })
    }
  }
}

function pathsOf(plugin: Plugin, route: Route): readonly string[] {
  const prefix = `/${plugin.name}`
  return route.path === prefix || route.path.startsWith(`${prefix}/`) ? [route.path] : [route.path, prefix + route.path]
}
