/** Where a mistake stands: a config field, a file and line, an event's property. */
export type Place = string

/**
 * The one error class Waymark throws on purpose: it names the place and says how to mend it.
 * Outcomes of sends and deliveries are values (`plugin/outcome.ts`), not errors.
 */
export class WaymarkError extends Error {
  /** A string brand: it survives two copies of core in one tree, where `instanceof` does not. */
  readonly '~waymark' = 'error'
  readonly code: string
  readonly place: Place | undefined
  readonly mend: string | undefined

  constructor(code: string, message: string, details: { place?: Place; mend?: string; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'WaymarkError'
    this.code = code
    this.place = details.place
    this.mend = details.mend
  }

  static is(error: unknown): error is WaymarkError {
    return typeof error === 'object' && error !== null && '~waymark' in error && error['~waymark'] === 'error'
  }
}
