import picocolors from 'picocolors'

export type Colors = ReturnType<typeof picocolors.createColors>

/** Where a command writes: results to `out`, progress, logs and errors to `err`. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  readonly outColors: Colors
  readonly errColors: Colors
  /** Somebody is watching `err`, so a line on it may be written over. */
  readonly isWatched: boolean
}

export function processTerminal(): Terminal {
  const { stdout, stderr } = process
  // Whoever reads our output may stop early, as `head` does: that is no failure.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
  return {
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    outColors: picocolors.createColors(hasColors(stdout)),
    errColors: picocolors.createColors(hasColors(stderr)),
    isWatched: stderr.isTTY === true && process.env['TERM'] !== 'dumb',
  }
}

export const plainColors: Colors = picocolors.createColors(false)

function hasColors(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return stream.isTTY === true && stream.hasColors()
}
