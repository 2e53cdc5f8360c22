import { arrow, autoUpdate, computePosition, flip, hide, offset, shift } from '@floating-ui/dom'
import type { TooltipMessage } from '../message.ts'
import type { Parts } from './card.ts'
import { element } from './element.ts'
import { focusable, focused } from './focus.ts'
import type { Surface } from './surface.ts'

const GAP = 12
const EDGE = 12
const OPPOSITE = { top: 'bottom', right: 'left', bottom: 'top', left: 'right' } as const

/**
 * A card beside its anchor: a dialog that is not modal and leaves the focus where it is. In the order of the Tab key it
 * stands right behind its anchor, if that can have the focus, and else at the end of the page.
 */
export function showTooltip(root: ShadowRoot, { content }: TooltipMessage, anchor: Element, { title, body, action, close }: Parts): Surface {
  const before = focused()
  const pointer = element('div', { class: 'pointer' })
  const surface = element(
    'div',
    { class: 'tooltip', role: 'dialog', 'aria-modal': 'false', 'aria-labelledby': 'title', 'aria-describedby': 'body' },
    pointer,
    ...(title ? [title] : []),
    body,
    ...(action ? [element('div', { class: 'actions' }, action)] : []),
    close,
  )
  root.append(surface)

  async function place(): Promise<void> {
    const { x, y, placement, middlewareData } = await computePosition(anchor, surface, {
      placement: content.placement ?? 'bottom',
      strategy: 'fixed',
      middleware: [
        offset(GAP),
        flip({ padding: EDGE, fallbackAxisSideDirection: 'start' }),
        shift({ padding: EDGE }),
        arrow({ element: pointer, padding: 16 }),
        hide(),
      ],
    })
    const side = placement.split('-')[0] as keyof typeof OPPOSITE
    surface.style.setProperty('left', `${Math.round(x)}px`)
    surface.style.setProperty('top', `${Math.round(y)}px`)
    surface.dataset['side'] = side
    surface.toggleAttribute('data-away', middlewareData.hide?.referenceHidden === true)
    for (const edge of ['top', 'right', 'bottom', 'left']) pointer.style.removeProperty(edge)
    const { x: along, y: down } = middlewareData.arrow ?? {}
    if (along !== undefined) pointer.style.setProperty('left', `${along}px`)
    if (down !== undefined) pointer.style.setProperty('top', `${down}px`)
    pointer.style.setProperty(OPPOSITE[side], '-6px')
    surface.toggleAttribute('data-placed', true)
  }

  const leaving = new AbortController()
  const { signal } = leaving
  const stopPlacing = autoUpdate(anchor, surface, () => void place())
  document.addEventListener('keydown', (event) => onKey(event), { signal })

  function onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || surface.hasAttribute('data-away')) return
    if (event.key === 'Escape') dismiss(event)
    if (event.key === 'Tab') moveFocus(event)
  }

  function dismiss(event: KeyboardEvent): void {
    // A menu or dialog of the page that is open is meant first.
    if (!surface.contains(root.activeElement) && document.querySelector(':modal, :popover-open') !== null) return
    event.preventDefault()
    close.click()
  }

  function moveFocus(event: KeyboardEvent): void {
    const inside = focusable(surface)
    const last = focusable(anchor).at(-1)
    if (last === undefined) return
    if (!event.shiftKey && focused() === last) {
      event.preventDefault()
      inside.at(0)?.focus()
    } else if (event.shiftKey && root.activeElement === inside.at(0)) {
      event.preventDefault()
      last.focus()
    } else if (!event.shiftKey && root.activeElement !== null && root.activeElement === inside.at(-1)) {
      // The browser moves on from where the focus is by the time it comes to act: to what follows the anchor.
      last.focus({ preventScroll: true })
    }
  }

  return {
    surface,
    remove() {
      const hadFocus = surface.contains(root.activeElement)
      leaving.abort()
      stopPlacing()
      surface.remove()
      const back = focusable(anchor).at(-1) ?? before
      if (hadFocus && back?.isConnected) back.focus({ preventScroll: true })
    },
  }
}
