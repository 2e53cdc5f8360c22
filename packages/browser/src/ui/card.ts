import type { Labels } from '../labels.ts'
import type { Message } from '../message.ts'
import { safeUrl } from '../safe-url.ts'
import { cross, element } from './element.ts'

/** What the user can do with a message. */
export interface Answers {
  seen(): void
  clicked(url: string | undefined, preventDefault: () => void): void
  dismissed(): void
}

/** The parts every form of message is made of. */
export interface Parts {
  readonly title?: HTMLElement
  readonly body: HTMLElement
  readonly action?: HTMLElement
  readonly close: HTMLButtonElement
}

export function parts({ content }: Message, labels: Labels, answers: Answers): Parts {
  const close = element('button', { type: 'button', class: 'close', 'aria-label': labels.close }, cross())
  close.addEventListener('click', () => answers.dismissed())
  return {
    ...(content.title === undefined ? {} : { title: element('h2', { id: 'title' }, content.title) }),
    body: element('p', { id: 'body' }, content.body),
    ...(content.action === undefined ? {} : { action: actionOf(content.action, answers) }),
    close,
  }
}

/** A real link where there is somewhere to go, so that it opens in a new tab the way people are used to. */
function actionOf({ label, url }: NonNullable<Message['content']['action']>, answers: Answers): HTMLElement {
  const href = url === undefined ? undefined : safeUrl(url, document.baseURI)
  if (url === undefined || href === undefined) {
    const button = element('button', { type: 'button', class: 'action' }, label)
    button.addEventListener('click', () => answers.clicked(undefined, () => {}))
    return button
  }
  const link = element('a', { class: 'action', href: url }, label)
  const click = (event: MouseEvent): void => answers.clicked(url, () => event.preventDefault())
  link.addEventListener('click', click)
  link.addEventListener('auxclick', (event) => event.button === 1 && click(event))
  return link
}
