/** What the server and the page say to each other. */

export const COLUMNS = ['todo', 'doing', 'done'] as const
export type Column = (typeof COLUMNS)[number]

export const COLUMN_NAMES: Readonly<Record<Column, string>> = { todo: 'To do', doing: 'Doing', done: 'Done' }

export const STEPS = ['workspace', 'template', 'rhythm'] as const
export type Step = (typeof STEPS)[number]

export const TEMPLATES = {
  launch: { name: 'Product launch', cards: ['Write the announcement', 'Record a two-minute tour', 'Ask five customers to try it'] },
  research: { name: 'Field research', cards: ['Plan the interviews', 'Visit the first site', 'Share what we heard'] },
  blank: { name: 'Blank board', cards: [] },
} as const satisfies Record<string, { name: string; cards: readonly string[] }>
export type Template = keyof typeof TEMPLATES

export const REVIEW_DAYS = ['Monday', 'Wednesday', 'Friday'] as const

export interface Card {
  readonly id: string
  readonly text: string
  readonly column: Column
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** When it was finished, once an automation has stamped it. */
  readonly stampedAt?: number
}

export const AUTOMATIONS = {
  'newest-first': { name: 'Newest first', says: 'New cards go on top of their column.' },
  'stamp-done': { name: 'Date stamp', says: 'Cards that reach Done are stamped with the date.' },
  'three-at-once': { name: 'Three at once', says: 'When three cards are in Doing, the next one waits in To do.' },
} as const
export type AutomationId = keyof typeof AUTOMATIONS

/** An automation of the team's own: a new card with this word in it begins in that column. */
export interface Sorting {
  readonly word: string
  readonly column: Column
}

/** Nobody is opted in: both begin as not chosen. */
export interface Consent {
  readonly personalization: boolean
  readonly marketing: boolean
}

export interface Workspace {
  readonly name: string
  readonly reviewDay?: string
  readonly cards: readonly Card[]
  readonly automations: readonly AutomationId[]
  readonly sortings: readonly Sorting[]
}

export interface Account {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly consent: Consent
  /** The next step of the introduction; absent once it is finished or skipped. */
  readonly step?: Step
  readonly workspace: Workspace
}

/** What the page needs to begin with. */
export interface Session {
  readonly account: Account | null
  readonly waymark: { readonly url: string; readonly writeKey: string }
  /** Whether time can be moved, as it can when the product runs under a virtual clock. */
  readonly canTravel: boolean
}

/** What Waymark knows of the signed-in user, for the developer panel. */
export interface Insight {
  readonly now: number
  readonly segments: readonly { readonly id: string; readonly member: string | null; readonly why: readonly string[] }[]
  readonly rules: readonly { readonly id: string; readonly isTrue: boolean; readonly why: readonly string[]; readonly outcome: string }[]
}

export interface Mail {
  readonly id: number
  readonly to: string
  readonly from: string
  readonly subject: string
  readonly text: string
  /** When the product's clock showed this, in epoch milliseconds. */
  readonly at: number
  readonly hasHtml: boolean
}
