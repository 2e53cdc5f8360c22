import { Hono } from 'hono'
import { z } from 'zod'
import { WRITE_KEYS } from '../../write-keys.ts'
import { type Account, REVIEW_DAYS, type Session, STEPS, type Step, TEMPLATES, type Template } from '../model.ts'
import type { Product } from '../product.ts'
import { startFrom } from '../workspace.ts'
import { forUser, problem, read, signInAs, signOut, tokenOf } from './request.ts'

const consent = z.object({ personalization: z.boolean(), marketing: z.boolean() })
const email = z.email('Please enter an email address, like ada@example.com.')
const signUp = z.object({
  name: z.string().trim().min(1, 'Please enter your name.').max(80),
  email,
  consent,
  timezone: z.string().max(64).optional(),
})

const step = z.discriminatedUnion('step', [
  z.object({ step: z.literal('workspace'), name: z.string().trim().min(1, 'Please give your workspace a name.').max(60) }),
  z.object({ step: z.literal('template'), template: z.enum(Object.keys(TEMPLATES) as [Template, ...Template[]]) }),
  z.object({ step: z.literal('rhythm'), day: z.enum(REVIEW_DAYS) }),
])

/** Signing up, in and out, what the user agrees to, and the introduction. */
export function accountRoutes(product: Product): Hono {
  const { accounts, analytics } = product
  const app = new Hono()
  const sessionOf = (account: Account | undefined): Session => ({
    account: account ?? null,
    waymark: { url: product.waymarkUrl, writeKey: WRITE_KEYS.web },
    canTravel: product.clock !== undefined,
  })

  app.get('/session', (c) => c.json(sessionOf(accounts.signedIn(tokenOf(c)))))
  app.post('/sign-up', async (c) => {
    const body = await read(c, signUp)
    if ('problem' in body) return problem(c, 400, body.problem)
    if (accounts.byEmail(body.value.email) !== undefined) return problem(c, 409, 'There is an account with this email already. Sign in instead.')
    const { timezone, ...person } = body.value
    const account = accounts.create(person)
    signInAs(c, product, account)
    analytics.signedUp(account, timezone === undefined ? {} : { timezone })
    return c.json(account)
  })
  // An example on your own machine: knowing the address is enough. A real product asks for more.
  app.post('/sign-in', async (c) => {
    const body = await read(c, z.object({ email }))
    if ('problem' in body) return problem(c, 400, body.problem)
    const account = accounts.byEmail(body.value.email)
    if (account === undefined) return problem(c, 404, 'There is no account with this email yet. Sign up instead.')
    signInAs(c, product, account)
    return c.json(account)
  })
  app.post('/sign-out', (c) => {
    signOut(c, product)
    return c.body(null, 204)
  })
  app.put(
    '/consent',
    forUser(product, consent, (account, given) => ({ ...account, consent: given })),
  )

  app.post(
    '/onboarding',
    forUser(product, step, (account, done) => {
      const { workspace } = account
      const next = { ...account, workspace: done.step === 'workspace' ? { ...workspace, name: done.name } : workspace }
      if (done.step === 'template') next.workspace = startFrom(workspace, done.template, { now: product.now(), id: () => crypto.randomUUID() })
      if (done.step === 'rhythm') next.workspace = { ...workspace, reviewDay: done.day }
      return at(next, STEPS[STEPS.indexOf(done.step) + 1])
    }),
  )
  app.post(
    '/onboarding/skip',
    forUser(product, z.object({}), (account) => at(account, undefined)),
  )
  return app
}

function at({ step: _, ...account }: Account, next: Step | undefined): Account {
  return next === undefined ? account : { ...account, step: next }
}
