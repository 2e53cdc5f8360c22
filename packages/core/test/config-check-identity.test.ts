import fc from 'fast-check'
import { expect, it } from 'vitest'
import { checkConfig } from '../src/config-check.ts'
import { definePlan } from '../src/plan/define-plan.ts'

const plan = definePlan({ events: {}, traits: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as object }) } } })
const store = Object.fromEntries(['open', 'close', 'transaction', 'log'].map((method) => [method, async () => undefined]))
const problems = (identity: unknown) => checkConfig({ plan, store, identity }).map(({ place, message }) => `${place}: ${message}`)

it('takes an identity policy that can be', () => {
  expect(problems(undefined)).toEqual([])
  expect(problems({})).toEqual([])
  expect(problems({ maxMerged: 1, banned: ['kiosk-*', 'test'] })).toEqual([])
})

it.each<[string, unknown, readonly string[]]>([
  ['no object', 100, ['identity: expected an object, found 100']],
  ['a misspelt field', { maxMerge: 3 }, ["identity.maxMerge: there is no such field. Did you mean 'maxMerged'?"]],
  ['no bound', { maxMerged: 0 }, ['identity.maxMerged: 0 is not a whole number of ids, 1 or more']],
  ['a bound in words', { maxMerged: 'many' }, ["identity.maxMerged: 'many' is not a whole number of ids, 1 or more"]],
  ['no list', { banned: 'test' }, ["identity.banned: expected a list, found 'test'"]],
  ['a regular expression', { banned: [/^a+$/] }, ['identity.banned[0]: a regular expression is not taken: a slow one would hold up every event']],
  ['a number', { banned: ['test', 7] }, ['identity.banned[1]: 7 is not an id']],
  ['nothing', { banned: [' '] }, ["identity.banned[0]: an empty id bans nothing: events without an id are nobody's already"]],
  ['everybody', { banned: ['*'] }, ["identity.banned[0]: '*' bans everybody"]],
  ['a star in the middle', { banned: ['a*b'] }, ["identity.banned[0]: 'a*b': a * stands at the end only"]],
])('names %s', (_, identity, expected) => {
  expect(problems(identity)).toEqual(expected)
})

it('says what to write instead, and never throws', () => {
  const [problem] = checkConfig({ plan, store, identity: { banned: [/x/] } })
  expect(problem?.mend).toBe("write the id as it is sent, or its beginning with a *: 'kiosk-*'")
  fc.assert(fc.property(fc.anything(), (identity) => void checkConfig({ plan, store, identity })))
})
