import type { Logger } from '@waymark/core'

export interface Line {
  readonly level: keyof Logger
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** A logger that keeps what it is told. */
export function keptLines(): Logger & { readonly lines: readonly Line[] } {
  const lines: Line[] = []
  const keep =
    (level: Line['level']): Logger[Line['level']] =>
    (message, fields = {}) =>
      void lines.push({ level, message, fields })
  return { lines, debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') }
}
