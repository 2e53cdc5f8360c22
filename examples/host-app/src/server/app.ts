import { type Context, Hono } from 'hono'
import { bundle } from './bundle.ts'
import { contentSecurityPolicy, ICON, MAIL_POLICY, PAGE } from './page.ts'
import type { Product } from './product.ts'
import { accountRoutes } from './routes/account.ts'
import { developerRoutes } from './routes/developer.ts'
import { workspaceRoutes } from './routes/workspace.ts'

/** The product's HTTP handler. */
export function createApp(product: Product): Hono {
  const app = new Hono()
  const policy = contentSecurityPolicy(product.waymarkUrl)

  app.use(async (c, next) => {
    await next()
    c.header('x-content-type-options', 'nosniff')
    c.header('referrer-policy', 'same-origin')
    if (!c.res.headers.has('content-security-policy')) c.header('content-security-policy', policy)
  })
  const page = (c: Context) => c.html(PAGE)
  app.get('/', page)
  app.get('/mailbox', page)
  app.get('/app.js', async () => asset((await bundle()).script, 'text/javascript; charset=utf-8'))
  app.get('/style.css', async () => asset((await bundle()).style, 'text/css; charset=utf-8'))
  app.get('/icon.svg', () => asset(ICON, 'image/svg+xml'))
  app.get('/mailbox/:id', (c) => {
    const mail = product.mailbox?.mails().find(({ id }) => String(id) === c.req.param('id'))
    if (mail?.html === undefined) return c.text('There is no such mail.', 404)
    return c.html(mail.html, 200, { 'content-security-policy': MAIL_POLICY })
  })

  app.route('/api', accountRoutes(product))
  app.route('/api', workspaceRoutes(product))
  app.route('/api', developerRoutes(product))
  app.notFound((c) => c.json({ problem: 'There is nothing here.' }, 404))
  app.onError((error, c) => {
    product.logger.error('a request failed', { path: c.req.path, error: error.stack ?? error.message })
    return c.json({ problem: 'Something went wrong on our side. Please try again.' }, 500)
  })
  return app
}

function asset(body: Uint8Array | string, type: string): Response {
  return new Response(body as BodyInit, { headers: { 'content-type': type, 'cache-control': 'no-cache' } })
}
