import type { Duration } from './duration.ts'
import type { Governance } from './governance.ts'
import type { IdentityPolicy } from './identity-policy.ts'
import type { Plan } from './plan/plan.ts'
import type { Plugin } from './plugin/plugin.ts'
import type { Retention } from './retention.ts'
import type { Rule } from './rule.ts'
import type { Segment } from './segment.ts'
import type { Store } from './store.ts'
import type { TimerPolicy } from './timers.ts'

/** What a team writes and a host runs. */
export interface WaymarkConfig {
  readonly plan: Plan
  readonly segments?: readonly Segment[]
  readonly rules?: readonly Rule[]
  readonly plugins?: readonly Plugin[]
  readonly store: Store
  readonly governance?: Governance
  readonly identity?: IdentityPolicy
  readonly retention?: Retention
  readonly timers?: TimerPolicy
  /** A session ends after more than this long without a track, page or screen event. Default 30 minutes. */
  readonly sessions?: { readonly gap: Duration }
}

/** The config as it is, checked by the compiler. What a compiler cannot see, `checkConfig` finds when a host loads it. */
export function defineWaymark(config: WaymarkConfig): WaymarkConfig {
  return config
}
