import type { Message } from './message.ts'

/** Where messages are shown, one at a time. */
export interface Stage {
  /** Whether the message could be shown now: a tooltip needs its anchor. */
  isReady(message: Message): boolean
  /** Whether the message, which is shown, may stay. */
  isStanding(message: Message): boolean
  show(message: Message): void
  hide(): void
  /** Told whether anything waits or stands that a change of the page could touch; `queue.advance()` is then to be called on changes. */
  watch(isNeeded: boolean): void
}

/** The open messages, oldest first. What cannot be shown yet holds up nothing behind it. */
export interface Queue {
  /** All that is open: what is not among them has been settled elsewhere. */
  replace(messages: readonly Message[]): void
  add(message: Message): void
  /** Answered, here or elsewhere: it is not shown (any more), even if it comes again. */
  settle(key: string): void
  /** Hides the message that is shown, if it may not stay, and shows the first that can be. */
  advance(): void
  /** Back to nothing: another user, or none. */
  clear(): void
}

export function createQueue(stage: Stage): Queue {
  const open = new Map<string, Message>()
  const settled = new Set<string>()
  let current: Message | undefined

  function leave(): void {
    current = undefined
    stage.hide()
  }

  function advance(): void {
    if (current !== undefined && !stage.isStanding(current)) leave()
    if (current === undefined) {
      current = [...open.values()].find((message) => stage.isReady(message))
      if (current !== undefined) stage.show(current)
    }
    stage.watch([...open.values()].some((message) => message !== current || message.kind === 'tooltip'))
  }

  function remove(key: string): void {
    open.delete(key)
    if (current?.key === key) leave()
  }

  function admit(message: Message): void {
    // A message that is told twice keeps its first form, so that what is on the screen does not change under the reader.
    if (!settled.has(message.key) && !open.has(message.key)) open.set(message.key, message)
  }

  return {
    replace(messages) {
      const keys = new Set(messages.map(({ key }) => key))
      for (const key of [...open.keys()]) if (!keys.has(key)) remove(key)
      for (const message of messages) admit(message)
      advance()
    },
    add(message) {
      admit(message)
      advance()
    },
    settle(key) {
      settled.add(key)
      remove(key)
      advance()
    },
    advance,
    clear() {
      open.clear()
      settled.clear()
      if (current !== undefined) leave()
      advance()
    },
  }
}
