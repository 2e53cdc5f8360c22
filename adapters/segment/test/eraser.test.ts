import type { Eraser, ErasureReceipt } from '@waymark/core'
import type { MemoryContext } from '@waymark/testkit/plugin'
import { memoryContext } from '@waymark/testkit/plugin'
import type { FakeSegment, Regulation } from '@waymark/testkit/vendors'
import { fakeSegment } from '@waymark/testkit/vendors'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { segment } from '../src/index.ts'

let vendor: FakeSegment
let context: MemoryContext
let eraser: Eraser
beforeEach(async () => {
  vendor = await fakeSegment()
  context = memoryContext()
  eraser = segment({ receive: false, privacy: { token: 'TOKEN', host: vendor.url } }).eraser!
})
afterEach(() => vendor.stop())

const subject = { profile: 'u1', userIds: ['u1', 'u2'], anonymousIds: ['an1'] }
const checked = async (receipt: ErasureReceipt) => eraser.check!(receipt.status === 'requested' ? receipt.reference : null, context)

it('asks for suppression and deletion by every user id', async () => {
  expect(await eraser.erase(subject, context)).toMatchObject({ status: 'requested', reference: { regulation: 'regulation-1' } })
  expect(vendor.requests[0]).toMatchObject({
    path: '/regulations',
    headers: { authorization: 'Bearer TOKEN' },
    json: { regulationType: 'SUPPRESS_WITH_DELETE', subjectType: 'USER_ID', subjectIds: ['u1', 'u2'] },
  })
})

it.each<[Regulation['status'], Regulation['destinations'], object]>([
  ['INITIALIZED', [], { status: 'requested' }],
  ['RUNNING', [{ name: 'Mixpanel', status: 'RUNNING' }], { status: 'requested' }],
  ['FINISHED', [], { status: 'confirmed' }],
  ['FAILED', [{ name: 'Intercom', status: 'NOT_SUPPORTED' }], { status: 'confirmed', detail: expect.stringContaining('Intercom') }],
  [
    'FAILED',
    [
      { name: 'Braze', status: 'FAILED' },
      { name: 'Mixpanel', status: 'FINISHED' },
    ],
    { status: 'failed', reason: expect.stringMatching(/Braze/) },
  ],
  ['PARTIAL_SUCCESS', [], { status: 'failed', reason: expect.stringContaining('PARTIAL_SUCCESS') }],
  ['INVALID', [], { status: 'failed', reason: expect.stringContaining('INVALID') }],
])('takes %s, with destinations %j, for what it is', async (status, destinations, expected) => {
  const receipt = await eraser.erase(subject, context)
  vendor.finish(status, destinations)
  expect(await checked(receipt)).toMatchObject(expected)
})

it('has a wrong token mended, and a refusal looked at', async () => {
  vendor.next({ kind: 'answer', status: 403 }, { kind: 'answer', status: 400, body: 'too many' })
  expect(await eraser.erase(subject, context)).toMatchObject({ status: 'retry', reason: expect.stringContaining('privacy.token') })
  expect(await eraser.erase(subject, context)).toEqual({ status: 'failed', reason: 'answered 400: too many' })
})
