import { count, localTime } from './output.ts'
import type { Terminal } from './terminal.ts'

export interface Progress {
  update(done: { readonly events: number; readonly at: number; readonly share: number | undefined }): void
  /** Leaves the terminal as it was. */
  end(): void
}

const WATCHED_EVERY_MS = 100
const LOGGED_EVERY_MS = 5_000

/** How far a replay has come: one line written over where somebody watches, a line now and then elsewhere. */
export function showProgress(terminal: Terminal, now: () => number = Date.now): Progress {
  const start = now()
  let shownAt = terminal.isWatched ? Number.NEGATIVE_INFINITY : start
  let isShown = false
  return {
    update({ events, at, share }) {
      const time = now()
      if (time - shownAt < (terminal.isWatched ? WATCHED_EVERY_MS : LOGGED_EVERY_MS)) return
      shownAt = time
      isShown = true
      const speed = Math.round((events * 1_000) / Math.max(1, time - start))
      const parts = [
        share === undefined ? '' : `${String(Math.floor(share * 100)).padStart(3)}%`,
        `${count(events)} events`,
        `${count(speed)} events/s`,
        `at ${localTime(at).slice(0, 10)}`,
      ].filter((part) => part !== '')
      const line = parts.join('  ')
      terminal.err(terminal.isWatched ? `\r\u001b[K${terminal.errColors.dim(line)}` : `${line}\n`)
    },
    end() {
      if (terminal.isWatched && isShown) terminal.err('\r\u001b[K')
      isShown = false
    },
  }
}
