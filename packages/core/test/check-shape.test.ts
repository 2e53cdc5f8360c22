import { type } from 'arktype'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkCondition } from '../src/behaviour/check.ts'
import type { Plan } from '../src/plan/plan.ts'

const plan: Plan = {
  events: {
    exported: z.object({ rows: z.number(), format: z.enum(['csv', 'pdf']), wide: z.boolean().default(false) }),
    viewed: type({ url: 'string' }),
    loose: z.looseObject({ known: z.string() }),
    dated: z.object({ when: z.coerce.date() }),
  },
  traits: z.object({ plan: z.string().optional() }),
}
const did = (event: string, property: string, is: string, value: unknown) => ({
  kind: 'did',
  event,
  where: [{ property, is, value }],
  measure: { of: 'count' },
  compare: 'atLeast',
  value: 1,
})
const problems = (condition: unknown) => checkCondition(condition, plan, 'rule').map(({ place, message }) => `${place}: ${message}`)

describe('a condition written where no compiler looks on', () => {
  it.each([
    [did('exported', 'row', 'gte', 100), "rule.where[0].property: there is no 'row'. Did you mean 'rows'?"],
    [did('exported', 'rows', 'gte', 'x'), "rule.where[0].value: 'x' is never compared with a number: 'rows' is one"],
    [did('exported', 'format', 'in', ['csv', 7]), "is never compared with a string: 'format' is one"],
    [
      { kind: 'occurrence', which: 'last', match: { event: 'exported', where: [] }, test: { property: 'row', is: 'gt', value: 1 } },
      "rule.test.property: there is no 'row'. Did you mean 'rows'?",
    ],
    [
      { kind: 'occurrence', which: 'first', match: { event: 'exported', where: [] }, test: { property: 'rows', is: 'eq', value: 'x' } },
      "rule.test.value: 'x' is never compared with a number: 'rows' is one",
    ],
    [
      {
        kind: 'sequence',
        steps: [
          { event: 'viewed', where: [] },
          { event: 'exported', where: [{ property: 'wide', is: 'eq', value: 3 }] },
        ],
      },
      "rule.steps[1].where[0].value: 3 is never compared with a boolean: 'wide' is one",
    ],
    [{ kind: 'trait', test: { property: 'plan', is: 'gte', value: 3 } }, "rule.test.value: 3 is never compared with a string: 'plan' is one"],
    [did('viewed', 'uri', 'eq', '/'), "there is no 'uri'. Did you mean 'url'?"],
    [{ kind: 'trait', test: { property: 'plann', is: 'eq', value: 'pro' } }, "rule.test.property: there is no 'plann'. Did you mean 'plan'?"],
    [{ ...did('exported', 'rows', 'gt', 1), measure: { of: 'sum', property: 'format' } }, "'format' is a string and adds up to nothing"],
    [{ ...did('exported', 'rows', 'gt', 1), measure: { of: 'distinct', property: 'fromat' } }, "Did you mean 'format'?"],
  ])('%#: has its misspelt properties and wrong operands named', (condition, expected) => {
    expect(problems(condition)).toEqual([expect.stringContaining(expected)])
  })

  it.each([
    [did('exported', 'rows', 'gte', 100)],
    [did('exported', 'wide', 'eq', true)],
    [did('exported', 'format', 'exists', true)],
    [did('loose', 'anything', 'eq', 1)],
    [did('dated', 'whenever', 'gt', '2026-01-01')],
    [did('waymark_message_seen', 'rule', 'eq', 'tip')],
    [did('*', 'path', 'eq', '/')],
  ])('%#: is left alone where it is right or nobody can say', (condition) => {
    expect(problems(condition)).toEqual([])
  })
})
