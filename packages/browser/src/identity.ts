/** Who is looking at the page. Without either of the two nobody is, and nothing is shown. */
export interface Identity {
  readonly userId?: string
  readonly anonymousId?: string
}

/** Asked when Waymark begins and whenever the identity may have changed. */
export type IdentityReader = () => Identity | Promise<Identity>

/** An identity that says itself when it changes. */
export interface IdentitySource {
  readonly identity: IdentityReader
  /** Calls the listener after each change, until the function it returns is called. */
  readonly onIdentityChange: (listener: () => void) => () => void
}

/** Only what is really there: an empty id is none. Undefined when neither is left. */
export function knownIdentity({ userId, anonymousId }: Identity): Identity | undefined {
  const known = { ...(isId(userId) ? { userId } : {}), ...(isId(anonymousId) ? { anonymousId } : {}) }
  return Object.keys(known).length === 0 ? undefined : known
}

export function isSameIdentity(one: Identity | undefined, other: Identity | undefined): boolean {
  return one?.userId === other?.userId && one?.anonymousId === other?.anonymousId
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
