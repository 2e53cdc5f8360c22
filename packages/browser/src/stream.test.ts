import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openStream } from './stream.ts'

class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2
  static readonly opened: FakeEventSource[] = []
  readonly url: string
  readyState = 1

  constructor(url: string) {
    super()
    this.url = url
    FakeEventSource.opened.push(this)
  }

  close(): void {
    this.readyState = FakeEventSource.CLOSED
  }

  tell(event: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(event, { data: typeof data === 'string' ? data : JSON.stringify(data) }))
  }

  refuse(): void {
    this.close()
    this.dispatchEvent(new Event('error'))
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', FakeEventSource)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  FakeEventSource.opened.length = 0
})

function listen() {
  const heard: unknown[] = []
  const close = openStream(
    'https://waymark.example',
    { userId: 'a b', anonymousId: 'x' },
    {
      opened: () => heard.push('opened'),
      inbox: (messages) => heard.push(['inbox', messages.map(({ key }) => key)]),
      message: ({ key }) => heard.push(['message', key]),
      settled: (key, interaction) => heard.push(['settled', key, interaction]),
      problem: ({ message }) => heard.push(['problem', message]),
    },
  )
  return { heard, close, source: FakeEventSource.opened[0]! }
}

const modal = (key: string) => ({ key, kind: 'modal', content: { title: 'T', body: 'B' } })

describe('the stream', () => {
  it('names the user and tells what comes', () => {
    const { heard, source } = listen()
    expect(source.url).toBe('https://waymark.example/inapp/stream?userId=a+b&anonymousId=x')
    source.dispatchEvent(new Event('open'))
    source.tell('inbox', [modal('a'), modal('b')])
    source.tell('message', modal('c'))
    source.tell('settled', { key: 'a', interaction: 'clicked' })
    expect(heard).toEqual(['opened', ['inbox', ['a', 'b']], ['message', 'c'], ['settled', 'a', 'clicked']])
  })

  it('names what it cannot read, and reads on', () => {
    const { heard, source } = listen()
    source.tell('inbox', [{ key: 'a', kind: 'modal', content: { title: 'T' } }, { key: 'b', kind: 'carousel', content: { body: 'B' } }, modal('c')])
    source.tell('message', 'no json')
    source.tell('settled', null)
    source.tell('message', modal('d'))
    expect(heard).toEqual([
      ['problem', "message 'a': content.body is not a text"],
      ['problem', "message 'b': a 'carousel' cannot be shown by this version of @waymark/browser"],
      ['inbox', ['c']],
      ['problem', expect.stringContaining('JSON')],
      ['problem', "'settled' came without key and interaction"],
      ['message', 'd'],
    ])
  })

  it('comes back after a refusal, and not after it was closed', async () => {
    const { close, source } = listen()
    source.refuse()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(FakeEventSource.opened).toHaveLength(2)
    FakeEventSource.opened[1]!.refuse()
    close()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(FakeEventSource.opened).toHaveLength(2)
  })

  it('leaves a lost connection to the browser', async () => {
    const { source } = listen()
    source.dispatchEvent(new Event('error'))
    await vi.advanceTimersByTimeAsync(600_000)
    expect(FakeEventSource.opened).toHaveLength(1)
  })
})
