import type { Logger } from '@waymark/core'
import type { Host, VirtualClock } from '@waymark/host'
import type { Mailbox } from '../mailbox.ts'
import type { Accounts } from './accounts.ts'
import type { ServerAnalytics } from './analytics.ts'

/** What the product's routes work with. */
export interface Product {
  readonly accounts: Accounts
  readonly analytics: ServerAnalytics
  readonly host: Host
  readonly waymarkUrl: string
  readonly now: () => number
  readonly logger: Logger
  readonly mailbox: Mailbox | undefined
  /** There when time can be moved. */
  readonly clock: VirtualClock | undefined
}
