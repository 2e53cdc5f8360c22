import type { WaymarkConfig } from './config.ts'
import { checkGovernance } from './config-check/governance.ts'
import { checkIdentity } from './config-check/identity.ts'
import { checkPlan } from './config-check/plan.ts'
import { checkPlugins } from './config-check/plugins.ts'
import { checkRetention } from './config-check/retention.ts'
import { checkRules } from './config-check/rules.ts'
import { checkSegments, readSegments } from './config-check/segments.ts'
import { checkTimers } from './config-check/timers.ts'
import { WaymarkError } from './errors.ts'
import { expectDuration, expectKnownFields, expectObject, listProblems, type Problem, problemsOf, type Report } from './problem.ts'

const FIELDS: readonly (keyof WaymarkConfig)[] = ['plan', 'segments', 'rules', 'plugins', 'store', 'governance', 'identity', 'retention', 'timers', 'sessions']

/** Everything wrong with a config, of whatever shape it is, each with its place and how to mend it. Empty when it can run. */
export function checkConfig(config: unknown): readonly Problem[] {
  return problemsOf((report) => {
    if (!expectObject(config, 'config', 'export what defineWaymark({ … }) returns as the default export', report)) return
    expectKnownFields(config, FIELDS, '', report)
    const plan = checkPlan(config['plan'], report)
    const placed = readSegments(config['segments'], report)
    checkSegments(placed, plan, report)
    const segments = placed.map(({ segment }) => segment)
    const plugins = checkPlugins(config['plugins'], report)
    checkRules(config['rules'], { plan, segments, plugins }, report)
    checkStore(config['store'], report)
    checkGovernance(config['governance'], report)
    checkIdentity(config['identity'], report)
    checkRetention(config['retention'], report)
    checkTimers(config['timers'], report)
    checkSessions(config['sessions'], report)
  })
}

/** Throws one `CONFIG_INVALID` that lists all problems, for a person to read in a terminal. */
export function assertConfig(config: unknown): asserts config is WaymarkConfig {
  const problems = checkConfig(config)
  if (problems.length === 0) return
  const [first] = problems
  throw new WaymarkError('CONFIG_INVALID', listProblems('the config', problems), first === undefined ? {} : { place: first.place, mend: first.mend })
}

function checkStore(store: unknown, report: Report): void {
  const mend = "write for example sqlite('./data/waymark.db') of @waymark/store-sqlite"
  if (!expectObject(store, 'store', mend, report)) return
  const missing = ['open', 'close', 'transaction', 'log'].filter((method) => typeof store[method] !== 'function')
  if (missing.length > 0) report('store', `not a store: it has no ${missing.join(', ')}`, mend)
}

function checkSessions(sessions: unknown, report: Report): void {
  if (sessions === undefined || !expectObject(sessions, 'sessions', "write { gap: '30m' }, or leave it out", report)) return
  expectKnownFields(sessions, ['gap'], 'sessions', report)
  expectDuration(sessions['gap'], 'sessions.gap', report)
}
