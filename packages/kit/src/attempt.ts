/** Why a request is not served: `code` for programs, `message` for people, naming what to change. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

export type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal }

export function refused(status: number, code: string, message: string, headers: Record<string, string> = {}): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { status, code, message, headers } }
}
