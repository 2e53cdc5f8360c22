/**
 * Kleene's three values, as numbers so that `and` is min, `or` is max and `not` is 2 - x.
 * Unknown means: the question is not settled yet, as for '3 features within 48 hours of sign-up' at hour 20.
 */
export type Truth = 0 | 1 | 2
export const FALSE: Truth = 0
export const UNKNOWN: Truth = 1
export const TRUE: Truth = 2

export function not(value: Truth): Truth {
  return (2 - value) as Truth
}

export function truthOf(value: boolean): Truth {
  return value ? TRUE : FALSE
}
