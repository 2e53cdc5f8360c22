import { describe, expect, it } from 'vitest'
import type { Message } from './message.ts'
import { createQueue } from './queue.ts'

const banner = (key: string): Message => ({ key, kind: 'banner', content: { body: key } })
const tooltip = (key: string): Message => ({ key, kind: 'tooltip', content: { anchor: `#${key}`, title: key, body: key } })

/** A stage that writes down what happens on it; tooltips are ready while their key is in `anchors`. */
function stage() {
  const log: string[] = []
  const anchors = new Set<string>()
  const isThere = (message: Message) => message.kind !== 'tooltip' || anchors.has(message.key)
  let isWatched = false
  const queue = createQueue({
    isReady: isThere,
    isStanding: isThere,
    show: ({ key }) => log.push(`show ${key}`),
    hide: () => log.push('hide'),
    watch: (isNeeded) => {
      isWatched = isNeeded
    },
  })
  return { queue, log, anchors, isWatched: () => isWatched }
}

describe('the queue', () => {
  it('shows one at a time, oldest first, each once', () => {
    const { queue, log } = stage()
    queue.replace([banner('a'), banner('b')])
    queue.add(banner('b'))
    queue.settle('a')
    queue.add(banner('a'))
    queue.settle('b')
    expect(log).toEqual(['show a', 'hide', 'show b', 'hide'])
  })

  it('lets nothing be held up by a tooltip that waits', () => {
    const { queue, log, anchors, isWatched } = stage()
    queue.replace([tooltip('tip'), banner('a')])
    anchors.add('tip')
    queue.advance()
    expect(isWatched()).toBe(true)
    queue.settle('a')
    expect(log).toEqual(['show a', 'hide', 'show tip'])
  })

  it('puts a tooltip that lost its anchor back to wait, and shows the next', () => {
    const { queue, log, anchors } = stage()
    anchors.add('tip')
    queue.replace([tooltip('tip'), banner('a')])
    anchors.clear()
    queue.advance()
    anchors.add('tip')
    queue.settle('a')
    expect(log).toEqual(['show tip', 'hide', 'show a', 'hide', 'show tip'])
  })

  it('drops what a new inbox no longer has, and keeps on screen what it has', () => {
    const { queue, log } = stage()
    queue.replace([banner('a'), banner('b')])
    queue.replace([banner('b'), banner('c')])
    queue.replace([banner('b'), banner('c')])
    expect(log).toEqual(['show a', 'hide', 'show b'])
  })

  it('watches the page only while that can change anything', () => {
    const { queue, isWatched } = stage()
    queue.add(banner('a'))
    expect(isWatched()).toBe(false)
    queue.add(tooltip('tip'))
    expect(isWatched()).toBe(true)
    queue.clear()
    expect(isWatched()).toBe(false)
  })
})
