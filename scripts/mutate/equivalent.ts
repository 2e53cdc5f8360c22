import type { Equivalent } from './mutant.ts'

export const EQUIVALENT: readonly Equivalent[] = []
