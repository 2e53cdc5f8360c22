import type { Logger } from '@waymark/core'
import type { BreakerStatus } from './breaker.ts'
import type { Lag } from './lag.ts'
import type { WorkLoop } from './work-loop.ts'

/** Brings what there is to one receiver: a sink or a channel, each on its own. */
export interface Runner extends WorkLoop {
  start(): Promise<void>
  status(): Promise<DeliveryStatus>
}

/** How the deliveries of a plugin stand. */
export interface DeliveryStatus extends Lag {
  readonly plugin: string
  readonly stage: 'sink' | 'channel'
  readonly breaker: BreakerStatus
}

/** One line when it opens, each time it stays open, and one when it closes. */
export function reportBreaker(log: Logger, stage: DeliveryStatus['stage'], { state, failures, reason, retryAt }: BreakerStatus): void {
  if (state === 'closed') log.info('the receiver takes what it is sent again', { stage })
  else log.error('the receiver takes nothing: what there is for it waits', { stage, failures, reason, retryAt: new Date(retryAt ?? 0).toISOString() })
}
