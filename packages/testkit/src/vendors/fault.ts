import type { Random } from '../simulation/random.ts'

/** What a vendor does with one request, in place of what it would by itself. */
export type Fault =
  /** Another answer; nothing is kept. 429, 5xx, 413, a redirect. */
  | { readonly kind: 'answer'; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** One item of the request is refused, now and for ever, in the way this vendor refuses items. */
  | { readonly kind: 'partial' }
  /** The line breaks; nothing is kept. */
  | { readonly kind: 'reset' }
  /** No answer ever comes; nothing is kept. */
  | { readonly kind: 'silent' }
  /** All is kept, and the line breaks in place of the answer. */
  | { readonly kind: 'lost' }
  /** All is kept, and no answer ever comes. */
  | { readonly kind: 'hung' }
  /** The vendor's own answer, so many milliseconds later. */
  | { readonly kind: 'slow'; readonly ms: number }

/** Shares of all requests, from 0 to 1, that go wrong in each way. */
export interface Shares {
  /** 429 with `Retry-After: 1`. */
  readonly throttled?: number
  /** 503. */
  readonly failing?: number
  readonly tooLarge?: number
  readonly partial?: number
  readonly reset?: number
  readonly lost?: number
}

export const THROTTLED: Fault = { kind: 'answer', status: 429, headers: { 'retry-after': '1' } }
export const FAILING: Fault = { kind: 'answer', status: 503 }

const KINDS: Readonly<Record<keyof Shares, Fault>> = {
  throttled: THROTTLED,
  failing: FAILING,
  tooLarge: { kind: 'answer', status: 413 },
  partial: { kind: 'partial' },
  reset: { kind: 'reset' },
  lost: { kind: 'lost' },
}

/** The fault of one request, or none. */
export function drawFault(shares: Shares, random: Random): Fault | undefined {
  let lot = random.next()
  for (const [kind, share] of Object.entries(shares) as [keyof Shares, number][]) {
    if (lot < share) return KINDS[kind]
    lot -= share
  }
  return undefined
}
