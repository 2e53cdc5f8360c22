import type { Store, WaymarkConfig } from '@waymark/core'
import { scrubText } from '../scrub.ts'
import { sourcePlace } from '../source-place.ts'
import { type Finding, fail, ok, warn } from './finding.ts'
import { plural, span } from './words.ts'

/** Failing for longer than this it is broken, in milliseconds. */
const LONG = 3_600_000

/** How far sources have come, and whether erasures are on their way. Reads only. */
export async function lookAtSources({ store, plugins = [] }: WaymarkConfig, now: number): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const { name, sources = [] } of plugins) for (const source of sources) findings.push(await lookAt(store, name, source.name, now))
  return [...findings, ...(await lookAtErasures(store, now))]
}

async function lookAt(store: Store, plugin: string, source: string, now: number): Promise<Finding> {
  const { failing, pageAt, pulledAt, progress } = await sourcePlace(store, plugin, source)
  const page = pageAt === undefined ? 'no page yet' : `newest page ${span(now - pageAt)} ago`
  const pull = pulledAt === undefined ? '' : `, last pull ended ${span(now - pulledAt)} ago`
  const says = `${plugin} ${source}: ${page}${pull}${progress === undefined ? '' : ` (${progress})`}`
  if (failing === undefined) return ok('sources', says)
  const mend = 'mend what it says; the host asks again by itself, from where it was'
  const why = `${says}; failing for ${span(now - failing.since)}, ${plural(failing.times, 'time')}: ${scrubText(failing.reason)}`
  return now - failing.since < LONG ? warn('sources', why, mend) : fail('sources', why, mend)
}

async function lookAtErasures(store: Store, now: number): Promise<readonly Finding[]> {
  const totals = await store.erasureTotals(now)
  const sum = (of: (total: (typeof totals)[number]) => number) => totals.reduce((all, one) => all + of(one), 0)
  const [overdue, failed] = [sum((one) => one.overdue), sum(({ state, count }) => (state === 'failed' ? count : 0))]
  const findings: Finding[] = []
  if (overdue > 0)
    findings.push(fail('erasures', `${plural(overdue, 'erasure')} overdue`, 'waymark privacy receipts says which; ask the vendor, and see the log of the host'))
  if (failed > 0)
    findings.push(fail('erasures', `${plural(failed, 'erasure')} failed`, 'waymark privacy receipts says why; mend it, and waymark privacy erase asks again'))
  const all = sum(({ count }) => count)
  return all === 0 || findings.length > 0 ? findings : [ok('erasures', `${plural(all, 'erasure')}, none failed or overdue`)]
}
