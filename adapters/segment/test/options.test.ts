import { WaymarkError } from '@waymark/core'
import { describe, expect, it } from 'vitest'
import type { SegmentOptions } from '../src/index.ts'
import { segment } from '../src/index.ts'

describe('options', () => {
  it.each<[string, SegmentOptions, string]>([
    ['an empty list of keys', { writeKeys: [] }, 'segment.writeKeys'],
    ['a key without a name', { writeKeys: { wk: '' } }, 'segment.writeKeys'],
    ['an address without a scheme', { publicUrl: 'in.example.com' }, 'segment.publicUrl'],
    ['a sink without a key', { sink: { writeKey: '' } }, 'segment.sink.writeKey'],
    ['a path in the host, which the SDK would ignore', { sink: { writeKey: 'k', host: 'https://in.example.com/seg' } }, 'segment.sink.host'],
    ['a path without its slash', { sink: { writeKey: 'k', path: 'v1/batch' } }, 'segment.sink.path'],
    ['a time that is none', { sink: { writeKey: 'k', timeout: 0 } }, 'segment.sink.timeout'],
    ['an option that is misspelt', { writeKey: 'k' } as SegmentOptions, 'segment.writeKey'],
    ['an option of the sink that is misspelt', { sink: { writeKey: 'k', hots: 'x' } as SegmentOptions['sink'] } as SegmentOptions, 'segment.sink.hots'],
    ['what is nothing to learn', { sink: { writeKey: 'k', learned: ['traits'] as never } }, 'segment.sink.learned'],
    ['a region there is none of', { region: 'asia' as never }, 'segment.region'],
    ['a mirror without a scheme', { mirror: { to: 'api.segment.io' } }, 'segment.mirror.to'],
    ['a webhook without a secret', { webhook: { secret: '' } }, 'segment.webhook.secret'],
    ['a policy for batches there is none of', { webhook: { secret: 's', batches: 'all' as never } }, 'segment.webhook.batches'],
    ['a token that is empty', { privacy: { token: '' } }, 'segment.privacy.token'],
    ['a mapping that is none', { mapping: { incoming: { 'Signed Up': 7 as never } } }, 'segment.mapping.incoming'],
    ['a name no route can begin with', { name: 'Seg ment' }, 'segment.name'],
  ])('names the place of %s and the mend', (_, options, place) => {
    const error = (() => {
      try {
        segment(options)
      } catch (thrown) {
        return thrown
      }
    })()
    expect(WaymarkError.is(error) && error).toMatchObject({ code: 'SEGMENT_OPTION_INVALID', place, mend: expect.stringMatching(/\w/) })
  })

  it('offers what it is asked to offer, for analytics', () => {
    const capabilities = (options: SegmentOptions) => Object.keys(segment(options)).filter((key) => key === 'routes' || key === 'sink')
    expect(segment().purpose).toBe('analytics')
    expect(capabilities({})).toEqual(['routes'])
    expect(capabilities({ sink: { writeKey: 'k' } })).toEqual(['routes', 'sink'])
    expect(capabilities({ name: 'second', receive: false, sink: { writeKey: 'k' } })).toEqual(['sink'])
  })
})
