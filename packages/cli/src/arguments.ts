import { InvalidArgumentError } from 'commander'

/** Options that every command takes. */
export interface CommonOptions {
  readonly config?: string
  readonly json?: boolean
  readonly debug?: boolean
}

/** A moment on the command line: ISO 8601 or epoch milliseconds. */
export function timeArgument(text: string): number {
  const at = /^\d{10,}$/.test(text) ? Number(text) : Date.parse(text)
  if (Number.isNaN(at)) throw new InvalidArgumentError(`write it as 2026-08-01T14:00:00Z, 2026-08-01, or epoch milliseconds.`)
  return at
}

export function portArgument(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is a number from 0 (any free one) to 65535.')
  return port
}

export function limitArgument(text: string): number {
  const limit = Number(text)
  if (!/^\d+$/.test(text) || limit < 1) throw new InvalidArgumentError('a limit is a whole number from 1.')
  return limit
}

/** A number of seconds, as milliseconds. */
export function secondsArgument(text: string): number {
  const seconds = Number(text)
  if (!/^\d+(?:\.\d+)?$/.test(text)) throw new InvalidArgumentError('give a number of seconds, such as 30.')
  return seconds * 1_000
}

/** One of several ids of a list; commander hands over those before it. */
export function idsArgument(text: string, before: readonly number[] = []): readonly number[] {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('an id is a number, as the list shows it after #.')
  return [...before, Number(text)]
}
