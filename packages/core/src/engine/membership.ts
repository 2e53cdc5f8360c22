import { NONE } from '../behaviour/evaluate/moment.ts'
import { FIRST_SEEN } from '../behaviour/evaluate/predicate.ts'
import type { SegmentNode } from './definition.ts'
import type { Draft } from './draft.ts'
import { pageOf } from './verdict.ts'

type Read = Pick<Draft, 'pages' | 'templates' | 'header'>

/** Place of the member, -1 for none. */
export function memberOf(draft: Read, { place: { page, cell } }: SegmentNode): number {
  return pageOf(draft, page)[cell] as number
}

export function memberSince(draft: Read, { place: { page, cell } }: SegmentNode): number {
  const since = pageOf(draft, page)[cell + 1] as number
  return since === NONE ? (draft.header[FIRST_SEEN] as number) : since
}
