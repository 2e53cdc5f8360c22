import { element } from './element.ts'

/** Reads out what appears, without taking the focus. */
export interface Announcer {
  readonly element: HTMLElement
  say(text: string): void
  clear(): void
}

/** Screen readers speak changes of a region they know already: the text follows a moment after the region. */
const MOMENT = 150

export function createAnnouncer(): Announcer {
  const region = element('div', { class: 'announcer', role: 'status', 'aria-live': 'polite' })
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    element: region,
    say(text) {
      clearTimeout(timer)
      timer = setTimeout(() => {
        region.textContent = text
      }, MOMENT)
    },
    clear() {
      clearTimeout(timer)
      region.textContent = ''
    },
  }
}
