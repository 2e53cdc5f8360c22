import { Hono } from 'hono'
import { z } from 'zod'
import { insightOf } from '../insight.ts'
import type { Mail } from '../model.ts'
import type { Product } from '../product.ts'
import { problem, read, tokenOf } from './request.ts'

const hours = z.object({ hours: z.union([z.literal(1), z.literal(24)]) })

/** What the developer panel and the mailbox show. None of it belongs in a real product. */
export function developerRoutes(product: Product): Hono {
  const { host, clock } = product
  const app = new Hono()

  app.get('/insight', async (c) => {
    const account = product.accounts.signedIn(tokenOf(c))
    if (account === undefined) return problem(c, 401, 'Please sign in first.')
    return c.json(await insightOf(host, account.id, product.now()))
  })
  app.post('/travel', async (c) => {
    const body = await read(c, hours)
    if ('problem' in body) return problem(c, 400, body.problem)
    if (clock === undefined) return problem(c, 409, 'This server runs on real time. Start it with --virtual to move the clock.')
    await host.settled()
    await clock.moveTo(clock.now() + body.value.hours * 3_600_000)
    await host.settled()
    return c.json({ now: clock.now() })
  })
  app.get('/mails', (c) => {
    const mails = (product.mailbox?.mails() ?? []).map(
      ({ id, to, from, subject, text, at, html }): Mail => ({ id, to, from, subject, text, at, hasHtml: html !== undefined }),
    )
    return c.json([...mails].reverse())
  })
  return app
}
