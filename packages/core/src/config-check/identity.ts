import { at, expectKnownFields, expectObject, type Report, show } from '../problem.ts'

const EXAMPLE = "write the id as it is sent, or its beginning with a *: 'kiosk-*'"

export function checkIdentity(identity: unknown, report: Report): void {
  if (identity === undefined || !expectObject(identity, 'identity', 'write { maxMerged, banned }, each of them optional', report)) return
  expectKnownFields(identity, ['maxMerged', 'banned'], 'identity', report)
  const { maxMerged, banned } = identity
  if (maxMerged !== undefined && (!Number.isSafeInteger(maxMerged) || (maxMerged as number) < 1))
    report('identity.maxMerged', `${show(maxMerged)} is not a whole number of ids, 1 or more`, 'write for example 100')
  if (banned === undefined) return
  if (!Array.isArray(banned)) report('identity.banned', `expected a list, found ${show(banned)}`, "write for example ['kiosk-*', 'test']")
  else banned.forEach(check)

  function check(entry: unknown, index: number): void {
    const place = at('identity', `banned[${index}]`)
    if (entry instanceof RegExp) report(place, 'a regular expression is not taken: a slow one would hold up every event', EXAMPLE)
    else if (typeof entry !== 'string') report(place, `${show(entry)} is not an id`, EXAMPLE)
    else if (entry.trim() === '') report(place, "an empty id bans nothing: events without an id are nobody's already", 'take it out')
    else if (entry.trim() === '*') report(place, "'*' bans everybody", EXAMPLE)
    else if (entry.trim().slice(0, -1).includes('*')) report(place, `${show(entry)}: a * stands at the end only`, EXAMPLE)
  }
}
