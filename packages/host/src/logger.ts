import { context, trace } from '@opentelemetry/api'
import type { Logger } from '@waymark/core'
import pino from 'pino'
import { scrubFields, scrubText } from './scrub.ts'

export type Level = 'debug' | 'info' | 'warn' | 'error'

/** Names that every line has: a field of the same name is kept under `fields.<name>`. */
const TAKEN: ReadonlySet<string> = new Set(['level', 'time', 'message', 'trace_id', 'span_id'])

/**
 * One JSON object a line on stderr: `level`, `time` (ISO 8601, UTC), `message`, the fields, and `trace_id` and `span_id` inside a span. What looks
 * like a secret or a mail address is left out (`scrub.ts`). `minimum` is the least that is logged; `write` takes each line in place of stderr.
 */
export function jsonLogger(minimum: Level = 'info', write: (line: string) => void = (line) => process.stderr.write(`${line}\n`)): Logger {
  const lines = pino(
    {
      level: minimum,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      mixin: spanOf,
      // Errors are parted already, under whatever name.
      serializers: { err: (error: unknown) => error },
    },
    { write: (line: string) => write(line.trimEnd()) },
  )
  const log =
    (level: Level): Logger[Level] =>
    (message, fields = {}) => {
      if (lines.isLevelEnabled(level)) lines[level](apart(scrubFields(fields)), scrubText(message))
    }
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
}

function spanOf(): object {
  const span = trace.getSpanContext(context.active())
  return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId }
}

function apart(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [TAKEN.has(name) ? `fields.${name}` : name, value]))
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
