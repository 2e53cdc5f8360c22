/** How far ids may be taken for one person. */
export interface IdentityPolicy {
  /**
   * At most so many anonymous ids, and so many other user ids, in one profile: who has more is no person but an id that many
   * share. Beyond it nothing is merged any more, and the journal says so. Default 100.
   */
  readonly maxMerged?: number
  /**
   * Ids that are nobody's, beside those known everywhere ('null', 'undefined', all zeros, …): as they are sent, or their beginning
   * with a `*`: `'kiosk-*'`. Case does not matter.
   */
  readonly banned?: readonly string[]
}

export const MAX_MERGED = 100
