import { isAnchorStanding, isSelector, visibleAnchor } from './anchor.ts'
import type { Labels } from './labels.ts'
import type { Message } from './message.ts'
import { createPageWatch, type PageWatch } from './page-watch.ts'
import type { Stage } from './queue.ts'
import type { Presented, Presenter } from './ui/presenter.ts'

export interface StageOptions {
  readonly labels: Labels
  /** The page has changed: something else may be ready now. */
  changed(): void
  problem(error: unknown): void
  shown(message: Message): void
  seen(message: Message): void
  clicked(message: Message, url: string | undefined, preventDefault: () => void): void
  dismissed(message: Message): void
}

/** Before what draws is asked for again. */
const PAUSE_AFTER_FAILURE = 5_000
/** Between an answer and the next message: nothing jumps at who has just answered, or at who is following a link away. */
const PAUSE_AFTER_ANSWER = 600

/** The page as a stage. What draws is loaded when the first message is to be shown. */
export function createStage(options: StageOptions): Stage & { close(): void } {
  let loading: Promise<Presenter> | undefined
  let presented: Presented | undefined
  let anchor: HTMLElement | SVGElement | undefined
  let turn = 0
  let watch: PageWatch | undefined
  let isFailed = false
  let notBefore = 0
  const refused = new Set<string>()

  function pause(duration: number): void {
    notBefore = Date.now() + duration
    setTimeout(options.changed, duration + 1)
  }

  function load(): Promise<Presenter> {
    loading ??= import('./ui/presenter.ts').then(({ createPresenter }) => createPresenter(options.labels))
    return loading
  }

  async function present(message: Message, mine: number): Promise<void> {
    let presenter: Presenter
    try {
      presenter = await load()
    } catch (error) {
      loading = undefined
      isFailed = true
      pause(PAUSE_AFTER_FAILURE)
      options.problem(error)
      return
    }
    if (mine !== turn) return
    try {
      presented = presenter.show(message, anchor, {
        seen: () => options.seen(message),
        clicked(url, preventDefault) {
          pause(PAUSE_AFTER_ANSWER)
          options.clicked(message, url, preventDefault)
        },
        dismissed() {
          pause(PAUSE_AFTER_ANSWER)
          options.dismissed(message)
        },
      })
    } catch (error) {
      options.problem(error)
      return
    }
    options.shown(message)
  }

  /** The page's own dialog has the floor: beside it nothing could be reached. */
  function isPageFree(): boolean {
    return document.querySelector('dialog:modal') === null
  }

  return {
    isReady(message) {
      if (Date.now() < notBefore || !isPageFree()) return false
      if (message.kind !== 'tooltip') return true
      if (refused.has(message.key)) return false
      if (isSelector(message.content.anchor)) return visibleAnchor(message.content.anchor) !== undefined
      refused.add(message.key)
      options.problem(new Error(`message '${message.key}': the anchor '${message.content.anchor}' is no CSS selector`))
      return false
    },
    isStanding: (message) => !isFailed && (message.kind !== 'tooltip' || (anchor !== undefined && isAnchorStanding(anchor, message.content.anchor))),
    show(message) {
      turn += 1
      isFailed = false
      anchor = message.kind === 'tooltip' ? visibleAnchor(message.content.anchor) : undefined
      void present(message, turn)
    },
    hide() {
      turn += 1
      anchor = undefined
      presented?.hide()
      presented = undefined
    },
    watch(isNeeded) {
      if (isNeeded) watch ??= createPageWatch(options.changed)
      watch?.set(isNeeded)
    },
    close() {
      const closing = loading
      loading = undefined
      void closing?.then((presenter) => presenter.close()).catch(() => {})
    },
  }
}
