import type { Labels } from '../labels.ts'
import type { Message } from '../message.ts'
import { createAnnouncer } from './announcer.ts'
import { showBanner } from './banner.ts'
import { type Answers, parts } from './card.ts'
import { element } from './element.ts'
import { showModal } from './modal.ts'
import { whenSeen } from './seen.ts'
import { styleSheet } from './style.ts'
import type { Surface } from './surface.ts'
import { showTooltip } from './tooltip.ts'

/** A message on the screen. */
export interface Presented {
  hide(): void
}

/** Draws messages in a shadow root of its own: the page's styles do not reach in, and these do not reach out. */
export interface Presenter {
  /** A tooltip needs its anchor. */
  show(message: Message, anchor: HTMLElement | SVGElement | undefined, answers: Answers): Presented
  close(): void
}

export function createPresenter(labels: Labels): Presenter {
  const host = element('div', { 'data-waymark': '' })
  const root = host.attachShadow({ mode: 'open' })
  root.adoptedStyleSheets = [styleSheet()]
  const announcer = createAnnouncer()
  root.append(announcer.element)

  return {
    show(message, anchor, answers) {
      // Again each time: a framework that draws the whole body may have thrown it out.
      if (!host.isConnected) document.body.append(host)
      const made = parts(message, labels, answers)
      const { surface, remove } = draw(message, anchor, made)
      const giveUp = whenSeen(surface, answers.seen)
      return {
        hide() {
          giveUp()
          announcer.clear()
          remove()
        },
      }
    },
    close: () => host.remove(),
  }

  function draw(message: Message, anchor: Element | undefined, made: ReturnType<typeof parts>): Surface {
    // A modal takes the focus, and is read for that; the others are announced where the user is.
    if (message.kind === 'modal') return showModal(root, made, labels)
    announcer.say([message.content.title, message.content.body].filter((text) => text !== undefined).join('. '))
    if (message.kind === 'banner') return showBanner(root, message, made, labels)
    if (anchor === undefined) throw new Error(`message '${message.key}': a tooltip cannot be shown without its anchor`)
    return showTooltip(root, message, anchor, made)
  }
}
