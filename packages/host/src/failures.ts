import { WaymarkError } from '@waymark/core'

/**
 * What a request is answered when its route threw one of Waymark's own errors: those that pass by themselves are 503 with `Retry-After`, so that the
 * sender keeps its events and comes back. Undefined for all others, which are nobody's plan.
 *
 * Browsers of any origin may read it: it says nothing of anybody, and an SDK that cannot see the status cannot tell it from a broken line.
 */
export function answerTo(error: unknown): Response | undefined {
  if (!WaymarkError.is(error)) return undefined
  if (error.code === 'BUSY') return unavailable('BUSY', 'the host can take no more at this moment; send it again', 1)
  if (error.code.startsWith('STORE_')) return unavailable('CANNOT_STORE', 'the host cannot store at this moment; send it again', 5)
  return undefined
}

/** 503: come back after so many seconds. */
export function unavailable(code: string, message: string, seconds: number, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(
    { success: false, code, message },
    {
      status: 503,
      headers: { 'retry-after': String(seconds), 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after', ...headers },
    },
  )
}
