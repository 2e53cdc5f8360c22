import { describe, expect, it } from 'vitest'
import { isSameIdentity, knownIdentity } from './identity.ts'
import { createWaymark, fromSegment } from './index.ts'
import { safeUrl } from './safe-url.ts'

describe('identity', () => {
  it('is only what is really there', () => {
    expect(knownIdentity({ userId: '', anonymousId: 'x' })).toEqual({ anonymousId: 'x' })
    expect(knownIdentity({ userId: null as unknown as string })).toBeUndefined()
    expect(isSameIdentity({ userId: 'a' }, { userId: 'a' })).toBe(true)
    expect(isSameIdentity({ userId: 'a' }, undefined)).toBe(false)
  })

  it('is read from Segment, and followed through identify and reset', async () => {
    const listeners = new Set<string>()
    const source = fromSegment({
      user: async () => ({ id: () => null, anonymousId: () => 'x' }),
      on: (event) => listeners.add(event),
      off: (event) => listeners.delete(event),
    })
    expect(await source.identity()).toEqual({ anonymousId: 'x' })
    const forget = source.onIdentityChange(() => {})
    expect([...listeners]).toEqual(['identify', 'reset'])
    forget()
    expect(listeners.size).toBe(0)
  })
})

describe('createWaymark', () => {
  it('says what is wrong with the host', () => {
    expect(() => createWaymark({ host: 'localhost:4747', identity: () => ({}) })).toThrow(/host is "localhost:4747"; give it the URL/)
  })

  it('does nothing where there is no page', async () => {
    let isAsked = false
    const waymark = createWaymark({
      host: 'https://waymark.example',
      identity: () => {
        isAsked = true
        return {}
      },
    }).start()
    waymark.identityChanged()
    waymark.close()
    await Promise.resolve()
    expect(isAsked).toBe(false)
  })
})

describe('the url of an action', () => {
  it.each(['/help', '#boards', 'help?x=1', 'https://a.example', 'mailto:a@b.example'])('%s is followed', (url) => {
    expect(safeUrl(url, 'https://app.example/x')).toBeDefined()
  })
  it.each(['javascript:alert(1)', ' java\tscript:alert(1)', 'data:text/html,x', 'blob:https://a.example/1', 'http://['])('%s is not', (url) => {
    expect(safeUrl(url, 'https://app.example/x')).toBeUndefined()
  })
})
