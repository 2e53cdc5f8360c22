import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { z } from 'zod'
import type { Account } from '../model.ts'
import type { Product } from '../product.ts'

const COOKIE = 'fieldnotes_session'

/** Says what is wrong in words for the person at the form. */
export function problem(c: Context, status: 400 | 401 | 404 | 409, text: string): Response {
  return c.json({ problem: text }, status)
}

/** The body, when it fits; else a sentence about the first thing that does not. */
export async function read<T>(c: Context, schema: z.ZodType<T>): Promise<{ readonly value: T } | { readonly problem: string }> {
  // Only a page of ours can send JSON with our cookie: a form on another site cannot.
  const isJson = c.req.header('content-type')?.startsWith('application/json') === true
  const parsed = schema.safeParse(isJson ? await c.req.json().catch(() => undefined) : undefined)
  return parsed.success ? { value: parsed.data } : { problem: parsed.error.issues[0]?.message ?? 'That could not be read.' }
}

export function tokenOf(c: Context): string | undefined {
  return getCookie(c, COOKIE)
}

export function signInAs(c: Context, product: Product, account: Account): void {
  setCookie(c, COOKIE, product.accounts.signIn(account), { httpOnly: true, sameSite: 'Lax', path: '/' })
}

export function signOut(c: Context, product: Product): void {
  product.accounts.signOut(tokenOf(c))
  deleteCookie(c, COOKIE, { path: '/' })
}

/** Runs for a signed-in user only; whatever account comes back is kept and shown. */
export function forUser<T>(
  product: Product,
  schema: z.ZodType<T>,
  change: (account: Account, body: T, c: Context) => Account,
): (c: Context) => Promise<Response> {
  return async (c) => {
    const body = await read(c, schema)
    if ('problem' in body) return problem(c, 400, body.problem)
    // Looked up after the body has come, so that nothing can change between this and the answer.
    const account = product.accounts.signedIn(tokenOf(c))
    if (account === undefined) return problem(c, 401, 'Please sign in first.')
    return c.json(product.accounts.put(change(account, body.value, c)))
  }
}
