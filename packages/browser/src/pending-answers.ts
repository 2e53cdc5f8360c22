import type { Identity } from './identity.ts'
import type { Interaction } from './message.ts'

export interface Answer extends Identity {
  readonly key: string
  readonly interaction: Interaction
}

/** Answers that could not be sent yet. They survive a reload where the browser lets the page store anything. */
export interface PendingAnswers {
  all(): readonly Answer[]
  add(answer: Answer): void
  remove(answer: Answer): void
}

/** The oldest are given up beyond this, so that a host that is gone does not fill the storage. */
const MOST_PENDING = 50

export function createPendingAnswers(host: string): PendingAnswers {
  const name = `waymark.answers ${host}`
  let remembered: readonly Answer[] = []

  // Read each time: another tab may have sent or added some.
  function all(): readonly Answer[] {
    try {
      const stored: unknown = JSON.parse(localStorage.getItem(name) ?? '[]')
      return Array.isArray(stored) ? stored.filter(isAnswer) : []
    } catch {
      return remembered
    }
  }

  function keep(answers: readonly Answer[]): void {
    remembered = answers.slice(-MOST_PENDING)
    try {
      if (remembered.length === 0) localStorage.removeItem(name)
      else localStorage.setItem(name, JSON.stringify(remembered))
    } catch {
      // Storage is full or forbidden: they are kept as long as the page lives.
    }
  }

  return {
    all,
    add: (answer) => keep([...all().filter((other) => !isSame(other, answer)), answer]),
    remove: (answer) => keep(all().filter((other) => !isSame(other, answer))),
  }
}

function isSame(one: Answer, other: Answer): boolean {
  return one.key === other.key && one.interaction === other.interaction && one.userId === other.userId && one.anonymousId === other.anonymousId
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'key' in value && typeof value.key === 'string' && 'interaction' in value
}
