import { checkCondition } from '../behaviour/check.ts'
import { isObject, type JsonObject } from '../json.ts'
import type { Plan } from '../plan/plan.ts'
import type { Plugin } from '../plugin/plugin.ts'
import { at, expectKnownFields, expectObject, type Report, show } from '../problem.ts'
import type { Segment } from '../segment.ts'
import { checkLimit } from './governance.ts'
import { checkId, placeOf } from './segments.ts'

const BUILD = "make it with a channel's builder, for example inApp.modal({ … })"

interface Scope {
  readonly plan: Plan | undefined
  readonly segments: readonly Segment[]
  readonly plugins: readonly Plugin[]
}

export function checkRules(rules: unknown, { plan, segments, plugins }: Scope, report: Report): void {
  if (rules === undefined) return
  if (!Array.isArray(rules)) {
    report('rules', `expected a list, found ${show(rules)}`, 'write [ … ]')
    return
  }
  const taken = new Map<string, string>()
  for (const [index, rule] of (rules as unknown[]).entries()) {
    const place = placeOf('rules', rule, index)
    if (!expectObject(rule, place, "make it with plan.rule('…', { when, send })", report)) continue
    expectKnownFields(rule, ['id', 'when', 'send', 'limit', 'priority', 'backfill'], place, report)
    checkId(rule['id'], place, taken, report)
    // A colon would make the keys of messages ambiguous.
    if (typeof rule['id'] === 'string' && rule['id'].includes(':'))
      report(at(place, 'id'), `'${rule['id']}' cannot name a rule`, 'use letters, digits and dashes')
    for (const problem of checkCondition(rule['when'], plan, at(place, 'when'), segments)) report(problem.place, problem.message, problem.mend)
    checkSend(rule['send'], plugins, at(place, 'send'), report)
    if (rule['limit'] !== undefined) checkLimit(rule['limit'], at(place, 'limit'), report)
    const { priority, backfill } = rule
    if (priority !== undefined && !Number.isFinite(priority))
      report(at(place, 'priority'), `${show(priority)} is not a finite number`, 'write a number; the higher goes first')
    if (backfill !== undefined && backfill !== 'send')
      report(
        at(place, 'backfill'),
        `${show(backfill)} is not a way to begin`,
        "write 'send' for a message also to those of whom it is true already, or leave it out",
      )
  }
}

function checkSend(send: unknown, plugins: readonly Plugin[], place: string, report: Report): void {
  if (!expectObject(send, place, BUILD, report)) return
  expectKnownFields(send, ['channel', 'kind', 'content'], place, report)
  const { channel: name, kind, content } = send
  if (typeof name !== 'string' || typeof kind !== 'string' || !isObject(content)) {
    report(place, 'expected { channel, kind, content }', BUILD)
    return
  }
  const plugin = plugins.find(({ channel }) => channel?.name === name)
  if (plugin === undefined) {
    report(at(place, 'channel'), `no plugin brings '${name}' messages`, `add the plugin for it to plugins, for example the one of @waymark/channel-${name}`)
    return
  }
  for (const message of complaints(plugin, kind, content as JsonObject))
    report(place, message, `change this ${kind}; the channel of plugin '${plugin.name}' does not take it as it is`)
}

function complaints({ channel }: Plugin, kind: string, content: JsonObject): readonly string[] {
  try {
    return channel?.check?.(kind, content) ?? []
  } catch (error) {
    return [`the channel's own check failed: ${error instanceof Error ? error.message : String(error)}`]
  }
}
