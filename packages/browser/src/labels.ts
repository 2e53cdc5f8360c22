/** The few words that do not come with a message. */
export interface Labels {
  /** Name of the button with the cross. Default `Close`. */
  readonly close: string
  /** Button of a modal that has no action. Default `Got it`. */
  readonly done: string
  /** Name of a banner without a title. Default `Message`. */
  readonly banner: string
}

export const ENGLISH: Labels = { close: 'Close', done: 'Got it', banner: 'Message' }
