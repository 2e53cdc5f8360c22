import type { Labels } from '../labels.ts'
import type { BannerMessage } from '../message.ts'
import type { Parts } from './card.ts'
import { element } from './element.ts'
import { focused } from './focus.ts'
import type { Surface } from './surface.ts'

/** A bar at the top or bottom of the window: a landmark that leaves the focus where it is. */
export function showBanner(root: ShadowRoot, { content }: BannerMessage, { title, body, action, close }: Parts, labels: Labels): Surface {
  const before = focused()
  const name: Record<string, string> = title === undefined ? { 'aria-label': labels.banner } : { 'aria-labelledby': 'title' }
  const words = element('div', { class: 'words' }, ...(title === undefined ? [] : [title]), body)
  const surface = element('section', { class: `banner ${content.position ?? 'bottom'}`, role: 'region', ...name }, words, ...(action ? [action] : []), close)
  surface.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.isComposing) return
    event.preventDefault()
    close.click()
  })
  root.append(surface)
  return {
    surface,
    remove() {
      const hadFocus = surface.contains(root.activeElement)
      surface.remove()
      if (hadFocus && before?.isConnected) before.focus({ preventScroll: true })
    },
  }
}
