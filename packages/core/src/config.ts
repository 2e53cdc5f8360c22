import type { Governance } from './governance.ts'
import type { Plan } from './plan/plan.ts'
import type { Plugin } from './plugin/plugin.ts'
import type { Rule } from './rule.ts'
import type { Segment } from './segment.ts'
import type { Store } from './store.ts'

/** What a team writes and a host runs. */
export interface WaymarkConfig {
  readonly plan: Plan
  readonly segments?: readonly Segment[]
  readonly rules?: readonly Rule[]
  readonly plugins?: readonly Plugin[]
  readonly store: Store
  readonly governance?: Governance
}

/** The config as it is, checked by the compiler. What a compiler cannot see, `checkConfig` finds when a host loads it. */
export function defineWaymark(config: WaymarkConfig): WaymarkConfig {
  return config
}
