import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { sqlite } from '@waymark/store-sqlite'

/** `waymark serve` in a process of its own, with the config in `drain/`. */
export interface Serving {
  readonly child: ChildProcess
  readonly url: string
  readonly logs: () => readonly Record<string, unknown>[]
  /** Resolves once a line of the log says so. */
  said(message: string): Promise<void>
  /** Exit code and how long it took from the signal, in milliseconds. */
  end(signal: NodeJS.Signals): Promise<{ readonly code: number | null; readonly took: number }>
}

export interface ServeOptions {
  /** Where events are handed on to and messages are sent. Default: where nobody listens. */
  readonly receiver?: string
  /** What of the plugin `courier` hangs: `send`, `stop`, `start`. */
  readonly hangs?: string
  readonly args?: readonly string[]
}

export function spawned(database: string, { receiver, hangs = '', args = [] }: ServeOptions = {}): ChildProcess {
  const bin = join(import.meta.dirname, '../../packages/cli/src/bin.ts')
  const config = join(import.meta.dirname, 'drain/waymark.config.ts')
  return spawn(process.execPath, ['--conditions=@waymark/source', bin, 'serve', '--port', '0', '--json', '--config', config, ...args], {
    env: { ...process.env, DRAIN_DB: database, DRAIN_HANGS: hangs, ...(receiver === undefined ? {} : { DRAIN_RECEIVER: receiver }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Resolves when it listens and is ready. */
export async function serving(database: string, options: ServeOptions = {}): Promise<Serving> {
  const child = spawned(database, options)
  let err = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk
  })
  const said = once(child.stdout as NodeJS.ReadableStream, 'data') as Promise<(Buffer | undefined)[]>
  const [document] = await Promise.race([said, once(child, 'exit').then(() => [undefined])])
  if (document === undefined) throw new Error(`the host did not start: ${err}`)
  return {
    child,
    url: (JSON.parse(String(document)) as { url: string }).url,
    logs: () =>
      err
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    async said(message) {
      while (!err.includes(`"message":"${message}`)) await new Promise((resolve) => setTimeout(resolve, 5))
    },
    async end(signal) {
      const start = performance.now()
      const over = once(child, 'exit')
      child.kill(signal)
      const [code] = (await over) as [number | null]
      return { code, took: performance.now() - start }
    },
  }
}

/** How often each event stands in the log, by its message id. */
export async function storedIn(database: string): Promise<ReadonlyMap<string, number>> {
  const store = sqlite(database)
  await store.open({ readOnly: true })
  const stored = new Map<string, number>()
  for (let after = 0; ; ) {
    const entries = await store.log(after, 1_000)
    if (entries.length === 0) break
    for (const { input } of entries) if (input.kind === 'event') stored.set(input.event.messageId, (stored.get(input.event.messageId) ?? 0) + 1)
    after = entries.at(-1)?.seq ?? after
  }
  await store.close()
  return stored
}
