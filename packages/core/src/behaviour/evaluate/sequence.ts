import type { Sequence } from '../ast.ts'
import { truthOf } from '../truth.ts'
import { compileMatch } from './match.ts'
import type { Evaluator } from './predicate.ts'

interface Progress {
  /** For each step but the last: when the newest path that got so far began; null while none has. */
  readonly starts: readonly (number | null)[]
  readonly done: boolean
}

/**
 * The steps in order. Of all paths that reached a step only the one that began last can still win, so one start per
 * step is enough to be exact. Steps are tried last to first: one event fills one step of a path.
 */
export function sequence(condition: Sequence): Evaluator<Progress> {
  const steps = condition.steps.map(compileMatch)
  const last = steps.length - 1
  const within = condition.within ?? Number.POSITIVE_INFINITY
  const fresh: Progress = { starts: steps.slice(1).map(() => null), done: false }
  return {
    hears: { events: [...new Set(condition.steps.map((step) => step.event))] },
    observe(state, { event, at }) {
      if (state?.done) return state
      let starts = (state ?? fresh).starts
      for (let step = last; step >= 0; step -= 1) {
        if (!steps[step]?.(event)) continue
        const start = step === 0 ? at : (starts[step - 1] ?? null)
        if (start === null || at - start >= within) continue
        if (step === last) return { starts: [], done: true }
        if (starts[step] !== start) starts = starts.with(step, start)
      }
      return starts === (state ?? fresh).starts ? state : { starts, done: false }
    },
    truth: (state) => truthOf(state?.done ?? false),
    next: () => undefined,
    value(state) {
      if (state?.done) return steps.length
      return state === null ? 0 : state.starts.findLastIndex((start) => start !== null) + 1
    },
  }
}
