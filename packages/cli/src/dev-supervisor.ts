import { type ChildProcess, spawn } from 'node:child_process'
import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { untilStopped } from './lifetime.ts'
import { shortPath } from './source-place.ts'

/** Set for the inner process of `waymark dev`. */
const MARK = 'WAYMARK_DEV_SUPERVISED'

/** What the inner process says of itself. */
export type Report = { readonly kind: 'imported'; readonly file: string } | { readonly kind: 'ready'; readonly document: Ready }

/** Where the inner process listens. */
export interface Ready {
  readonly url: string
  readonly port: number
  readonly config: string
}

export interface Supervision {
  onReady(document: Ready): void
  onRestart(file: string): void
  /** It ended by itself: its config is wrong, or it could not start. */
  onFailed(): void
}

/** Editors write a file in several steps. */
const SETTLE_MS = 80

export function isSupervised(): boolean {
  return process.env[MARK] !== undefined
}

export function tellSupervisor(report: Report): void {
  // The supervisor may be gone; then the disconnect ends this process too.
  if (process.connected) process.send?.(report, () => {})
}

/**
 * Runs this same command line in an inner process, and runs it anew when the config or a file it imported changes: a
 * fresh process is the only way to a fresh module. Resolves when asked to stop, after the inner process has ended.
 */
export async function supervise(config: string, supervision: Supervision): Promise<void> {
  const folders = new Map<string, FSWatcher>()
  const files = new Set<string>()
  let inner: Inner | undefined
  let failed = false
  let stopping = false
  let port: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function attend(file: string): void {
    files.add(file)
    const folder = dirname(file)
    if (folders.has(folder)) return
    // Folders, not files: a saved file is often a new one in the old one's place.
    folders.set(
      folder,
      watch(folder, (_, name) => name !== null && onChange(join(folder, basename(name)))),
    )
  }

  function onChange(file: string): void {
    // While it does not start, a file that is yet missing may be the mend.
    const matters = files.has(file) || (failed && /\.(?:[cm]?[jt]s|json)$/.test(file))
    if (!matters || stopping) return
    clearTimeout(timer)
    timer = setTimeout(() => void restart(file), SETTLE_MS)
  }

  async function restart(file: string): Promise<void> {
    supervision.onRestart(shortPath(file))
    const old = inner
    inner = undefined
    await old?.stop()
    // A second change during the stop has started it already.
    if (!stopping && inner === undefined) start()
  }

  function start(): void {
    failed = false
    // Whoever was told the address finds it again after a restart, also where any free port would do.
    const own = startInner(port === undefined ? [] : ['--port', String(port)], (report) => {
      if (report.kind === 'imported') return attend(report.file)
      port = report.document.port
      supervision.onReady(report.document)
    })
    inner = own
    void own.ended.then(() => {
      if (inner !== own || stopping) return
      failed = true
      supervision.onFailed()
    })
  }

  attend(config)
  start()
  await untilStopped()
  stopping = true
  clearTimeout(timer)
  for (const watcher of folders.values()) watcher.close()
  await inner?.stop()
}

interface Inner {
  readonly ended: Promise<void>
  stop(): Promise<void>
}

function startInner(more: readonly string[], onReport: (report: Report) => void): Inner {
  const child: ChildProcess = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1), ...more], {
    env: { ...process.env, [MARK]: '1' },
    // stdout stays the outer process's own: with --json exactly one document goes there.
    stdio: ['inherit', 'ignore', 'inherit', 'ipc'],
  })
  child.on('message', (report: Report) => onReport(report))
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  return {
    ended,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
