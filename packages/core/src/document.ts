import type { Condition } from './behaviour/ast.ts'
import { checkCondition } from './behaviour/check.ts'
import { checkCycles, checkId, checkMembers, hasMembers } from './config-check/segments.ts'
import { WaymarkError } from './errors.ts'
import { isObject } from './json.ts'
import type { Plan } from './plan/plan.ts'
import { expectKnownFields, listProblems, type Problem, problemsOf, type Report, show } from './problem.ts'
import type { Segment } from './segment.ts'

/**
 * Conditions and segments as files, to keep, to send and to edit elsewhere. A version is never read in another way than the
 * day it came out; what an older one lacks is added under the next number.
 */
const VERSION = 1
/** Deeper than any condition, and far from what exhausts a stack. */
const MOST_DEEP = 256

export interface ConditionDocument {
  readonly waymark: 'condition'
  readonly version: 1
  readonly condition: Condition
}

export interface SegmentDocument extends Segment {
  readonly waymark: 'segment'
  readonly version: 1
}

/** What a document is held to. Without a plan events are not looked up, without segments those that it asks for are not. */
export interface DocumentScope {
  readonly plan?: Plan
  readonly segments?: readonly Segment[]
}

/** Plain JSON that `readCondition` reads as the same condition. Throws `DOCUMENT_INVALID` for what could not be read again. */
export function writeCondition(condition: Condition): ConditionDocument {
  const document = { waymark: 'condition', version: VERSION } as const
  return { ...document, condition: readCondition({ ...document, condition }) }
}

/** Plain JSON that `readSegment` reads as the same segment. Throws `DOCUMENT_INVALID` for what could not be read again. */
export function writeSegment({ id, members }: Segment): SegmentDocument {
  const document = { waymark: 'segment', version: VERSION } as const
  return { ...document, ...readSegment({ ...document, id, members }) }
}

/**
 * A condition from its document, as text or parsed. Throws `DOCUMENT_NEWER` for a version that came later than this package,
 * and one `DOCUMENT_INVALID` that lists all problems with their places for anything else that is not sound.
 */
export function readCondition(document: unknown, scope: DocumentScope = {}): Condition {
  const read = open(document, 'condition')
  refuse('condition', (report) => {
    expectKnownFields(read, ['waymark', 'version', 'condition'], '', report)
    for (const problem of checkCondition(read['condition'], scope.plan, 'condition', scope.segments)) report(problem.place, problem.message, problem.mend)
  })
  return read['condition'] as Condition
}

/** A segment from its document, as text or parsed. Throws as `readCondition` does. */
export function readSegment(document: unknown, scope: DocumentScope = {}): Segment {
  const read = open(document, 'segment')
  refuse('segment', (report) => {
    expectKnownFields(read, ['waymark', 'version', 'id', 'members'], '', report)
    checkId(read['id'], '', new Map(), report)
    if (!hasMembers(read, '', report) || !checkMembers(read, '', scope.plan, scope.segments, report)) return
    const others = (scope.segments ?? []).filter(({ id }) => id !== read.id)
    checkCycles([{ place: 'members', segment: read }, ...others.map((segment) => ({ place: 'members', segment }))], report)
  })
  return { id: read['id'], members: read['members'] } as Segment
}

/** A copy of the document in plain data, of the right kind and of a version that can be read. */
function open(given: unknown, kind: 'condition' | 'segment'): Record<string, unknown> {
  const document = copy(typeof given === 'string' ? parse(given) : given, 0)
  const example = `{ "waymark": "${kind}", "version": ${VERSION}, … }`
  if (!isObject(document)) throw invalid('waymark', `expected a document, found ${show(document)}`, `write ${example}`)
  const { waymark, version } = document
  if (waymark !== kind) throw invalid('waymark', `expected a ${kind}, found ${show(waymark)}`, `write ${example}`)
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1)
    throw invalid('version', `${show(version)} is not a version`, `write ${example}`)
  if (version > VERSION) {
    throw new WaymarkError('DOCUMENT_NEWER', `version: ${version} came later than this package, which reads up to ${VERSION}`, {
      place: 'version',
      mend: 'update @waymark/core',
    })
  }
  return document
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalid('document', `not JSON: ${error instanceof Error ? error.message : String(error)}`, 'write one JSON object')
  }
}

/** Own fields only, each set as such: a `__proto__` in a file is a field like any other, and an unknown one. */
function copy(value: unknown, depth: number): unknown {
  if (depth > MOST_DEEP) throw invalid('document', `more than ${MOST_DEEP} levels deep`, 'a condition never is')
  if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item, depth + 1)]))
}

function refuse(kind: string, check: (report: Report) => void): void {
  const problems: readonly Problem[] = problemsOf(check)
  const [first] = problems
  if (first !== undefined) throw new WaymarkError('DOCUMENT_INVALID', listProblems(`the ${kind}`, problems), { place: first.place, mend: first.mend })
}

function invalid(place: string, message: string, mend: string): WaymarkError {
  return new WaymarkError('DOCUMENT_INVALID', `${place}: ${message}`, { place, mend })
}
