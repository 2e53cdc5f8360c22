import { definePlan, planFingerprint } from '@waymark/core'
import { expect, it } from 'vitest'
import { z } from 'zod'

const traits = z.object({})
const used = z.object({ feature: z.string() })

it('names a plan by its events and what they take, in whatever order they are written', () => {
  const one = planFingerprint(definePlan({ events: { used, left: z.object({}) }, traits }))
  expect(planFingerprint(definePlan({ events: { left: z.object({}), used: z.object({ feature: z.string() }) }, traits }))).toBe(one)
  const others = [
    definePlan({ events: { used }, traits }),
    definePlan({ events: { used: z.object({ feature: z.number() }), left: z.object({}) }, traits }),
    definePlan({ events: { used, left: z.object({}) }, traits: z.object({ plan: z.string() }) }),
  ].map(planFingerprint)
  expect(new Set([one, ...others]).size).toBe(4)
})

it('takes a schema that cannot say what it takes by its name', () => {
  const dated = definePlan({ events: { used: z.object({ when: z.date() }) }, traits })
  expect(planFingerprint(dated)).not.toBe(planFingerprint(definePlan({ events: {}, traits })))
})
