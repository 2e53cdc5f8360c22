import FlatQueue from 'flatqueue'

/** Profiles by the moment at which each is to be woken. */
export interface WakeQueue {
  add(profile: string, at: number): void
  /** The earliest moment, once entries that are out of date have been dealt with. */
  first(): number | undefined
  /** Takes out the profile whose moment is the earliest. Only after `first` has named one. */
  pop(): string
  clear(): void
  /** Entries, those out of date among them. */
  readonly length: number
}

/** What is the case by now of an entry: its moment stands, it is to be found elsewhere, or it is nobody's. */
export type Standing = 'stands' | 'moved' | 'gone'

/**
 * A heap. A profile whose wake moves away keeps its entry until that comes up, so that activity does not fill the heap: then `standingOf` says what
 * has become of it, and `refile` puts it where it belongs.
 */
export function createWakeQueue(standingOf: (profile: string, at: number) => Standing, refile: (profile: string) => void): WakeQueue {
  const heap = new FlatQueue<string>()
  return {
    add: (profile, at) => heap.push(profile, at),
    first() {
      for (;;) {
        const profile = heap.peek()
        const at = heap.peekValue()
        if (profile === undefined || at === undefined) return undefined
        const standing = standingOf(profile, at)
        if (standing === 'stands') return at
        heap.pop()
        if (standing === 'moved') refile(profile)
      }
    },
    pop: () => heap.pop() as string,
    clear: () => heap.clear(),
    get length() {
      return heap.length
    },
  }
}
