import { NEVER } from '../behaviour/evaluate/moment.ts'
import { FALSE, TRUE, type Truth, UNKNOWN } from '../behaviour/truth.ts'
import type { Attention } from './attention.ts'
import { truthIn, WAKES, withTruth } from './cells.ts'
import { decide } from './decide.ts'
import type { CompiledDefinition, HoldingNode, InSegmentNode, SegmentNode } from './definition.ts'
import { type Draft, wakeOf, writePage } from './draft.ts'
import type { Placed, Timers } from './layout.ts'
import { memberOf, memberSince } from './membership.ts'
import { pageOf } from './verdict.ts'

/** Reads anew what is marked, then what depends on it and has changed, tries the rules concerned, and sets the next wakes. */
export function settle(definition: CompiledDefinition, draft: Draft, attention: Attention, at: number, now: number): void {
  const isFirst = draft.isNew
  draft.isNew = false
  for (let index = 0; index < attention.base.count; index += 1) {
    const node = attention.base.at(index)
    const { evaluator, place } = node
    if (node.isTimed) attention.markPage(place.page)
    if (setTruth(draft, place, evaluator.read(writePage(draft, place.page), draft.lists, at, draft))) attention.markDependants(node)
  }
  for (const level of attention.levels) {
    for (let index = 0; index < level.count; index += 1) {
      const node = level.at(index)
      if (node.kind === 'segment' ? setMember(draft, node, at, isFirst) : setTruth(draft, node.place, derivedTruth(draft, attention, node, at)))
        attention.markDependants(node)
    }
  }
  decide(definition, draft, attention, at, now)
  setWakes(definition, draft, attention)
}

/** Whether it is another one than before. */
function setTruth(draft: Draft, { truth: { page, cell, shift } }: Placed, truth: Truth): boolean {
  const bits = pageOf(draft, page)[cell] as number
  if (truthIn(bits, shift) === truth) return false
  writePage(draft, page)[cell] = withTruth(bits, shift, truth)
  return true
}

function derivedTruth(draft: Draft, attention: Attention, node: InSegmentNode | HoldingNode, at: number): Truth {
  const { page, cell, timer } = node.place
  if (node.kind === 'inSegment') {
    const member = memberOf(draft, node.asked)
    const isAsked = member === node.member
    if (node.for === 0) return member < 0 ? UNKNOWN : isAsked ? TRUE : FALSE
    const lasts = isAsked ? memberSince(draft, node.asked) + node.for : NEVER
    writePage(draft, page)[timer] = at < lasts ? lasts : NEVER
    attention.markPage(page)
    return member < 0 ? UNKNOWN : at >= lasts ? TRUE : FALSE
  }
  const from = node.from(draft)
  const isOver = node.until(draft) === TRUE
  const held = isOver ? 0 : from === TRUE ? 1 : (pageOf(draft, page)[cell] as number)
  if (pageOf(draft, page)[cell] !== held) writePage(draft, page)[cell] = held
  return held === 1 ? TRUE : !isOver && from === UNKNOWN ? UNKNOWN : FALSE
}

/** At first there is no membership to leave: one that is there from the first moment on is new then. */
function setMember(draft: Draft, { id, members, place: { page, cell } }: SegmentNode, at: number, isFirst: boolean): boolean {
  const before = pageOf(draft, page)[cell] as number
  const member = members.findIndex(({ when }) => when(draft) === TRUE)
  if (member !== before) {
    const cells = writePage(draft, page)
    cells[cell] = member
    cells[cell + 1] = at
  }
  const from = isFirst ? undefined : members[before]?.name
  const to = members[member]?.name
  if (from !== to) draft.changes = [...draft.changes, { profile: draft.id, segment: id, from, to, at }]
  return member !== before
}

/** When time alone next changes something on the pages whose timers were touched. */
export function setWakes({ timers }: CompiledDefinition, draft: Draft, { pages }: Pick<Attention, 'pages'>): void {
  for (let index = 0; index < pages.count; index += 1) {
    const page = pages.at(index)
    const { from, to } = timers[page] as Timers
    const cells = pageOf(draft, page)
    let wake = NEVER
    for (let timer = from; timer < to; timer += 1) if ((cells[timer] as number) < wake) wake = cells[timer] as number
    if (wakeOf(draft, page) !== wake) writePage(draft, 0)[WAKES + page] = wake
  }
}
