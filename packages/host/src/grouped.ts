/** Gathers what is added while a write is under way, and writes it together next: many small writes share one commit. */
export function grouped<T>(write: (items: readonly T[]) => Promise<void>): (item: T) => Promise<void> {
  let waiting: { readonly item: T; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = []
  let running = false

  async function run(): Promise<void> {
    running = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        await write(batch.map(({ item }) => item))
        for (const { resolve } of batch) resolve()
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    running = false
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      // After this turn, so that what is added in one go is written in one go.
      if (!running) {
        running = true
        queueMicrotask(run)
      }
    })
}
