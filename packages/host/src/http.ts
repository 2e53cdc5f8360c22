import type { Plugin, PluginContext, Route } from '@waymark/core'
import { Hono } from 'hono'

/** What `/readyz` reports. */
export interface Health {
  readonly ready: boolean
  readonly reason?: string
}

/** The web-standard handler of a host: its own endpoints, and each plugin's routes at their path and under the plugin's name. */
export function createRouter(
  plugins: readonly Plugin[],
  contextOf: (plugin: Plugin) => PluginContext,
  health: () => Health,
): (request: Request) => Promise<Response> {
  const app = new Hono()
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', (c) => {
    const state = health()
    return c.json(state, state.ready ? 200 : 503)
  })

  for (const plugin of plugins) {
    const context = contextOf(plugin)
    for (const route of plugin.routes ?? []) {
      for (const path of pathsOf(plugin, route)) {
        app.on(route.method, path, async (c) => {
          try {
            return await route.handle(c.req.raw, c.req.param() as Record<string, string>, context)
          } catch (error) {
            context.log.error('a route threw', { path, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
            return Response.json({ success: false, code: 'INTERNAL', message: 'the host could not handle this request; its log says why' }, { status: 500 })
          }
        })
      }
    }
  }
  app.notFound((c) => c.json({ success: false, code: 'NOT_FOUND', message: `there is nothing at ${c.req.method} ${c.req.path}` }, 404))
  return async (request) => app.fetch(request)
}

function pathsOf(plugin: Plugin, route: Route): readonly string[] {
  const prefix = `/${plugin.name}`
  return route.path === prefix || route.path.startsWith(`${prefix}/`) ? [route.path] : [route.path, prefix + route.path]
}
