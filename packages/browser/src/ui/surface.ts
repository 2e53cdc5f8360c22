/** What a form of message puts on the screen. */
export interface Surface {
  readonly surface: HTMLElement
  /** Takes it away, and gives the focus back if it was inside. */
  readonly remove: () => void
}
