import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

export const FIXTURES = resolve(import.meta.dirname, 'fixtures')
const BIN = resolve(import.meta.dirname, '../src/bin.ts')

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
}

/** The real command in its own process, from its sources. */
export function start(args: readonly string[], options: RunOptions = {}): ChildProcess {
  const env: NodeJS.ProcessEnv = { ...process.env, TZ: 'UTC', NO_COLOR: '1', ...options.env }
  delete env['FORCE_COLOR']
  return spawn(process.execPath, ['--conditions=@waymark/source', BIN, ...args], { cwd: options.cwd ?? FIXTURES, env, stdio: 'pipe' })
}

export async function waymark(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = start(args, options)
  const output = collect(child)
  child.stdin?.end(options.stdin)
  const status = await ended(child)
  return { status, stdout: output.stdout(), stderr: output.stderr() }
}

export function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('close', (status) => resolve(status)))
}

export interface Collected {
  stdout(): string
  stderr(): string
  /** Resolves as soon as what has been written to either matches. */
  until(pattern: RegExp): Promise<RegExpExecArray>
}

export function collect(child: ChildProcess): Collected {
  const text = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk
      for (const look of waiting) look()
    })
  }
  return {
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const stop = () => {
          waiting.delete(look)
          child.removeListener('close', giveUp)
        }
        const giveUp = () => {
          stop()
          reject(new Error(`it ended without ${pattern}:\n${text.stdout}\n${text.stderr}`))
        }
        const look = () => {
          const match = pattern.exec(text.stdout) ?? pattern.exec(text.stderr)
          if (match === null) return
          stop()
          resolve(match)
        }
        waiting.add(look)
        child.once('close', giveUp)
        look()
      }),
  }
}

export interface Folder {
  readonly path: string
  write(name: string, text: string): string
  remove(): void
}

/** A folder among the fixtures, so that what its files import is found. */
export function scratchFolder(): Folder {
  const path = mkdtempSync(join(FIXTURES, 'scratch-'))
  return {
    path,
    write(name, text) {
      const file = join(path, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
      return file
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}
