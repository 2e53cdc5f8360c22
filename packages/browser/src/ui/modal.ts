import type { Labels } from '../labels.ts'
import type { Parts } from './card.ts'
import { element } from './element.ts'
import { focusable, focused } from './focus.ts'
import type { Surface } from './surface.ts'

/** The browser's own modal dialog: all behind it is inert, Esc and a click beside it dismiss it. */
export function showModal(root: ShadowRoot, { title, body, action, close }: Parts, labels: Labels): Surface {
  const before = focused()
  const done = action ?? doneButton(labels.done, close)
  const surface = element(
    'dialog',
    { class: 'modal', tabindex: '-1', closedby: 'any', 'aria-labelledby': 'title', 'aria-describedby': 'body' },
    ...(title ? [title] : []),
    body,
    element('div', { class: 'actions' }, done),
    close,
  )
  surface.addEventListener('cancel', (event) => {
    event.preventDefault()
    close.click()
  })
  surface.addEventListener('keydown', (event) => keepInside(event, root, surface))
  root.append(surface)
  surface.showModal()
  // The dialog itself, not its button: the Enter of somebody who is typing must not choose the action.
  surface.focus({ preventScroll: true })
  return {
    surface,
    remove() {
      surface.close()
      surface.remove()
      if (before?.isConnected) before.focus({ preventScroll: true })
    },
  }
}

function doneButton(label: string, close: HTMLButtonElement): HTMLButtonElement {
  const button = element('button', { type: 'button', class: 'action' }, label)
  button.addEventListener('click', () => close.click())
  return button
}

/** Tab goes round: without this it leaves through the browser's own bars, and comes back at the top of the inert page. */
function keepInside(event: KeyboardEvent, root: ShadowRoot, surface: HTMLElement): void {
  if (event.key !== 'Tab') return
  const inside = focusable(surface)
  const [edge, other] = event.shiftKey ? [inside.at(0), inside.at(-1)] : [inside.at(-1), inside.at(0)]
  if (root.activeElement !== edge && !(event.shiftKey && root.activeElement === surface)) return
  event.preventDefault()
  other?.focus()
}
