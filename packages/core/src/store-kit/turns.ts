/** Runs one piece of work at a time, in the order they were asked for. */
export interface Turns {
  take<T>(work: () => T | Promise<T>): Promise<T>
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return {
    take<T>(work: () => T | Promise<T>): Promise<T> {
      const mine = last.then(work)
      // The next one runs whether or not this one failed; whoever asked for it hears of the failure.
      last = mine.catch(() => {})
      return mine
    },
  }
}
