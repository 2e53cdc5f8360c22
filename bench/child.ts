import { type ChildProcess, fork } from 'node:child_process'

/** Longer than any answer takes on an engine worth measuring. */
const SECONDS = 240

/** A process that answers one question at a time. */
export interface Child<Answer> {
  /** Rejects when the process ends, or takes too long and is ended. */
  ask(question: string): Promise<Answer>
  end(): void
}

/**
 * Starts a script of this folder in a process of its own, so that what one measurement leaves in memory and teaches the compiler
 * does not touch the next. The script answers through `answer`; what it prints goes to standard error.
 */
export function startChild<Answer>(script: string, args: readonly string[], flags: readonly string[] = []): Child<Answer> {
  const child: ChildProcess = fork(script, args, { execArgv: ['--conditions=@waymark/source', ...flags], stdio: ['ignore', 2, 2, 'ipc'] })
  const ended = new Promise<never>((_, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => reject(new Error(`${script} ${args.join(' ')} ended early: ${signal ?? `exit code ${code}`}`)))
  })
  // Ending it on purpose is no failure; a question under way still sees the rejection.
  ended.catch(() => {})
  return {
    async ask(question) {
      const limit = setTimeout(() => child.kill(), SECONDS * 1_000)
      try {
        const answered = new Promise<Answer>((resolve) => child.once('message', (message) => resolve(message as Answer)))
        child.send(question)
        return await Promise.race([answered, ended])
      } finally {
        clearTimeout(limit)
      }
    },
    end() {
      if (child.connected) child.disconnect()
    },
  }
}

/** The child's side: answers every question until the parent lets go. */
export function answer(work: (question: string) => unknown): void {
  process.on('message', async (question: string) => {
    process.send?.(await work(question))
  })
  // A server that listens would keep it alive.
  process.on('disconnect', () => process.exit())
}
