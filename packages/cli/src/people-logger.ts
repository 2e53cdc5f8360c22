import type { Logger } from '@waymark/core'
import type { Level } from '@waymark/host'
import { localTime } from './output.ts'
import type { Colors } from './terminal.ts'

const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error']

/** Logs for somebody who reads along: the local time of day, the level when it matters, the message and its fields. */
export function peopleLogger(write: (text: string) => void, colors: Colors, minimum: Level, now: () => number = Date.now): Logger {
  const paint = { debug: colors.dim, info: colors.cyan, warn: colors.yellow, error: colors.red }
  const log =
    (level: Level) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(minimum)) return
      const details = Object.entries(fields).map(([name, value]) => `${colors.dim(`${name}=`)}${typeof value === 'string' ? value : JSON.stringify(value)}`)
      write(`${[clockTime(now(), colors), paint[level](level.padEnd(5)), message, ...details].join('  ')}\n`)
    }
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
}

/** The local time of day. */
export function clockTime(at: number, colors: Colors): string {
  return colors.dim(localTime(at).slice(11, 19))
}
