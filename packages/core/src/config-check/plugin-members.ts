import { isObject } from '../json.ts'
import { at, listed, type Report, show } from '../problem.ts'

const LEARNED = ['memberships', 'decisions']

/** What a plugin offers besides its channel: sources, what its sink asks for, its eraser. */
export function checkMembers(plugin: Record<string, unknown>, place: string, report: Report): void {
  checkSources(plugin['sources'], at(place, 'sources'), report)
  checkLearned(plugin['sink'], at(place, 'sink.learned'), report)
  checkEraser(plugin['eraser'], at(place, 'eraser'), report)
}

function checkSources(sources: unknown, place: string, report: Report): void {
  if (sources === undefined) return
  if (!Array.isArray(sources)) {
    report(place, `expected a list, found ${show(sources)}`, 'write [{ name, pull }]')
    return
  }
  const taken = new Set<unknown>()
  for (const [index, source] of sources.entries()) {
    const here = `${place}[${index}]`
    if (!isObject(source)) {
      report(here, `expected a source, found ${show(source)}`, 'write { name, pull }; the names its events come in under are sourceNames')
      continue
    }
    const { name, every, pull } = source
    if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9._-]*$/i.test(name))
      report(at(here, 'name'), `${show(name)} is not a name`, 'write letters, digits and dashes: its cursor is kept under it')
    else if (taken.has(name)) report(at(here, 'name'), `the plugin has two sources '${name}', which would share one cursor`, 'give one of them another name')
    taken.add(name)
    if (every !== undefined && !(typeof every === 'number' && every > 0))
      report(at(here, 'every'), `${show(every)} is not a time in milliseconds`, 'write for example 60_000, or leave it out')
    if (typeof pull !== 'function') report(at(here, 'pull'), `expected a function, found ${show(pull)}`, 'write async *pull(cursor, context) { … }')
  }
}

function checkLearned(sink: unknown, place: string, report: Report): void {
  const learned = isObject(sink) ? sink['learned'] : undefined
  if (learned === undefined) return
  const wrong = Array.isArray(learned) ? learned.find((one) => !LEARNED.includes(one as string)) : learned
  if (wrong !== undefined) report(place, `${show(wrong)} is not among what can be told`, `write a list of ${listed(LEARNED.map((one) => `'${one}'`))}`)
}

function checkEraser(eraser: unknown, place: string, report: Report): void {
  if (eraser === undefined) return
  if (!isObject(eraser)) {
    report(place, `expected an eraser, found ${show(eraser)}`, 'write { erase, check }')
    return
  }
  const { erase, check, withinDays } = eraser
  if (typeof erase !== 'function') report(at(place, 'erase'), `expected a function, found ${show(erase)}`, 'write async erase(subject, context) { … }')
  if (check !== undefined && typeof check !== 'function')
    report(at(place, 'check'), `expected a function, found ${show(check)}`, 'write async check(reference, context) { … }, or leave it out')
  if (withinDays !== undefined && !(typeof withinDays === 'number' && withinDays > 0))
    report(at(place, 'withinDays'), `${show(withinDays)} is not a number of days`, 'write for example 30, or leave it out')
}
