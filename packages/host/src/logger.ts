import type { Logger } from '@waymark/core'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type Level = (typeof LEVELS)[number]

/** One JSON object a line on stderr, for machines; `write` may render it for people. */
export function jsonLogger(minimum: Level = 'info', write: (line: string) => void = (line) => process.stderr.write(`${line}\n`)): Logger {
  const log =
    (level: Level) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      if (LEVELS.indexOf(level) >= LEVELS.indexOf(minimum)) write(JSON.stringify({ level, time: new Date().toISOString(), message, ...fields }))
    }
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
