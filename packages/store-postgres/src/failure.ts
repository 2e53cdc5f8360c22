/** What `pg` rejects with: the server's own error with its code (SQLSTATE), or one of the network's. */
interface Failure extends Error {
  readonly code?: string
}

export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as Failure).code : undefined
  return typeof code === 'string' ? code : undefined
}

/** The server shuts down (57P01, 57P02), is starting (57P03), or has no place for another session at the moment (53300). */
const AWAY: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '53300'])
const NETWORK: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  // The socket file of a server on this machine, while that is down.
  'ENOENT',
])
/** These have no code. */
const CLIENT = /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|timeout exceeded when trying)/

/** Whether it says that the server cannot be reached, or cannot be any more: not that it refuses what was asked. */
export function isAway(error: unknown): boolean {
  const code = codeOf(error)
  if (code !== undefined) return AWAY.has(code) || NETWORK.has(code) || code.startsWith('08')
  return error instanceof Error && CLIENT.test(error.message)
}
