import type { Identity } from './identity.ts'
import type { Interaction } from './message.ts'
import { type Answer, createPendingAnswers } from './pending-answers.ts'

/** Tells the host how people answer. */
export interface Reporter {
  /** Sends now; what the host did not take is sent again later, also after a reload. Never throws. */
  report(identity: Identity, key: string, interaction: Interaction): void
  /** Sends what is still pending: there is a connection again. */
  retry(): void
  /** Whether this user clicked or dismissed the message, though the host may not know yet. */
  isSettled(identity: Identity, key: string): boolean
  /** No more attempts; what is pending stays for the next page. */
  stop(): void
}

const FIRST_PAUSE = 5_000
const LONGEST_PAUSE = 300_000

export function createReporter(host: string, onProblem: (problem: Error) => void): Reporter {
  const pending = createPendingAnswers(host)
  const underway = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let pause = FIRST_PAUSE

  async function send(answer: Answer): Promise<void> {
    const body = JSON.stringify(answer)
    if (underway.has(body)) return
    underway.add(body)
    try {
      // Sent as plain text: it needs no preflight, so it also leaves a page that is being closed.
      const response = await fetch(`${host}/inapp/answers`, { method: 'POST', body, keepalive: true, credentials: 'omit' })
      if (response.status >= 500 || response.status === 429 || response.status === 408) throw new Error(`the host answered ${response.status}`)
      pending.remove(answer)
      pause = FIRST_PAUSE
      if (!response.ok && response.status !== 404) onProblem(new Error(`'${answer.interaction}' of ${answer.key} was refused with ${response.status}`))
    } catch {
      again()
    } finally {
      underway.delete(body)
    }
  }

  function again(): void {
    if (timer !== undefined) return
    timer = setTimeout(retry, pause)
    pause = Math.min(pause * 2, LONGEST_PAUSE)
  }

  function retry(): void {
    clearTimeout(timer)
    timer = undefined
    for (const answer of pending.all()) void send(answer)
  }

  return {
    report(identity, key, interaction) {
      const answer = { ...identity, key, interaction }
      // Stored first: the page may be gone before the host has answered.
      pending.add(answer)
      void send(answer)
    },
    retry,
    isSettled: (identity, key) =>
      pending
        .all()
        .some(
          (answer) => answer.key === key && answer.interaction !== 'seen' && answer.userId === identity.userId && answer.anonymousId === identity.anonymousId,
        ),
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
