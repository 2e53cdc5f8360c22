import { spawn } from 'node:child_process'

/** What a finished command left: its exit code and everything it printed, in the order it was printed. */
export interface Finished {
  readonly code: number
  readonly output: string
}

/** Runs a command to its end without a shell. Never throws: a command that cannot start has code 127 and says why. */
export function run(command: string, args: readonly string[], cwd: string = process.cwd()): Promise<Finished> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1', TURBO_TELEMETRY_DISABLED: '1' }
    delete env.FORCE_COLOR
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', (cause) => resolve({ code: 127, output: `${command} could not be started: ${cause.message}` }))
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }))
  })
}

/** Works through the items with as many workers as asked, and gives the results in the order of the items. */
export async function inParallel<Item, Result>(workers: number, items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: workers }, worker))
  return results
}
