import { expect, it } from 'vitest'
import { checkConfig } from '../src/index.ts'

const pull = async function* () {}
const problems = (plugin: object) =>
  checkConfig({ plugins: [{ name: 'v', purpose: 'essential', ...plugin }] })
    .filter(({ place }) => place.startsWith('plugins'))
    .map(({ place, message }) => `${place}: ${message}`)

it('takes sources, what a sink asks for and an eraser as the contract has them', () => {
  const sources = [
    { name: 'export', pull },
    { name: 'cohorts.v2', every: 1_000, pull },
  ]
  expect(problems({ sources, sink: { learned: ['memberships', 'decisions'] }, eraser: { erase: pull, check: pull, withinDays: 7 } })).toEqual([])
})

it('names what of them is not', () => {
  const here = "plugins[0] 'v'"
  expect(problems({ sources: ['web', { name: 'a b', every: 0 }, { name: 'x', pull }, { name: 'x', pull }] })).toEqual([
    `${here} .sources[0]: expected a source, found 'web'`,
    `${here} .sources[1].name: 'a b' is not a name`,
    `${here} .sources[1].every: 0 is not a time in milliseconds`,
    `${here} .sources[1].pull: expected a function, found nothing`,
    `${here} .sources[3].name: the plugin has two sources 'x', which would share one cursor`,
  ])
  expect(problems({ sources: {} })).toEqual([`${here} .sources: expected a list, found an object`])
  expect(problems({ sink: { learned: ['cohorts'] } })).toEqual([`${here} .sink.learned: 'cohorts' is not among what can be told`])
  expect(problems({ eraser: { erase: 'yes', check: 1, withinDays: -1 } })).toEqual([
    `${here} .eraser.erase: expected a function, found 'yes'`,
    `${here} .eraser.check: expected a function, found 1`,
    `${here} .eraser.withinDays: -1 is not a number of days`,
  ])
})
