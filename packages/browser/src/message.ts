/** Without `url` the action only counts as clicked, and the page hears of it. */
export interface MessageAction {
  readonly label: string
  readonly url?: string
}

export type Placement = 'top' | 'right' | 'bottom' | 'left'

export interface TooltipMessage {
  readonly key: string
  readonly kind: 'tooltip'
  readonly content: {
    /** CSS selector of the element it speaks of. */
    readonly anchor: string
    readonly title: string
    readonly body: string
    readonly action?: MessageAction
    readonly placement?: Placement
  }
}

export interface ModalMessage {
  readonly key: string
  readonly kind: 'modal'
  readonly content: { readonly title: string; readonly body: string; readonly action?: MessageAction }
}

export interface BannerMessage {
  readonly key: string
  readonly kind: 'banner'
  readonly content: { readonly title?: string; readonly body: string; readonly action?: MessageAction; readonly position?: 'top' | 'bottom' }
}

/** A message for the user of this page. */
export type Message = TooltipMessage | ModalMessage | BannerMessage

/** How people answer a message. `clicked` and `dismissed` settle it on every device. */
export type Interaction = 'seen' | 'clicked' | 'dismissed'

/** What came over the wire, as a message; throws an error that names what is wrong with it. */
export function parseMessage(value: unknown): Message {
  const { key, kind, content } = fieldsOf(value, 'the message')
  const where = `message '${String(key)}'`
  if (!isText(key)) throw new Error('a message came without a key')
  const fields = fieldsOf(content, `${where}: content`)
  const text = (name: string): string => {
    const found = fields[name]
    if (!isText(found)) throw new Error(`${where}: content.${name} is not a text`)
    return found
  }
  const body = text('body')
  const title = (): string => text('title')
  const action = fields['action'] === undefined ? {} : { action: parseAction(fields['action'], where) }
  switch (kind) {
    case 'tooltip': {
      const placement = fields['placement']
      return { key, kind, content: { anchor: text('anchor'), title: title(), body, ...action, ...(isPlacement(placement) ? { placement } : {}) } }
    }
    case 'modal':
      return { key, kind, content: { title: title(), body, ...action } }
    case 'banner':
      return {
        key,
        kind,
        content: { body, ...action, ...(isText(fields['title']) ? { title: title() } : {}), position: fields['position'] === 'top' ? 'top' : 'bottom' },
      }
    default:
      throw new Error(`${where}: a '${String(kind)}' cannot be shown by this version of @waymark/browser`)
  }
}

function parseAction(value: unknown, where: string): MessageAction {
  const { label, url } = fieldsOf(value, `${where}: content.action`)
  if (!isText(label)) throw new Error(`${where}: content.action.label is not a text`)
  return { label, ...(isText(url) ? { url } : {}) }
}

function fieldsOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new Error(`${what} is not an object`)
  return value as Readonly<Record<string, unknown>>
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

function isPlacement(value: unknown): value is Placement {
  return value === 'top' || value === 'right' || value === 'bottom' || value === 'left'
}
