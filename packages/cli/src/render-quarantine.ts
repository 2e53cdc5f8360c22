import type { Quarantined, QuarantineTotal } from '@waymark/core'
import type { QuarantineReplay } from '@waymark/host'
import { clip, columns, count, localTime, plural } from './output.ts'
import type { Colors } from './terminal.ts'

/** A page of the quarantine for a person, with how much there is of each source. */
export function renderQuarantine(
  { quarantined, totals }: { readonly quarantined: readonly Quarantined[]; readonly totals: readonly QuarantineTotal[] },
  { limit, source }: { readonly limit: number; readonly source?: string },
  colors: Colors,
): string {
  const meant = totals.filter((total) => source === undefined || total.source === source)
  const all = meant.reduce((sum, total) => sum + total.count, 0)
  if (all === 0) return 'Nothing is in quarantine.\n'
  const entries = quarantined.map(
    (item) =>
      `${colors.dim(`#${item.id}  ${localTime(item.at)}`)}  ${colors.cyan(item.source)}  ${clip(item.reason, 200)}\n  ${colors.dim(clip(bodyOf(item), 140))}`,
  )
  const sums = columns(
    meant.map(({ source: name, count: number, readable }) => [count(number), name, colors.dim(`${count(readable)} can be replayed once they fit the plan`)]),
    [{ align: 'right' }],
  )
  const more = quarantined.length === limit && limit < all ? `; --before ${quarantined.at(-1)?.id} shows older ones` : ''
  return `${entries.join('\n')}${entries.length === 0 ? '' : '\n\n'}${plural(all, 'event')} in quarantine${more}\n${sums}\n`
}

/** What a replay came to, for a person. */
export function renderQuarantineReplay(report: QuarantineReplay, colors: Colors): string {
  const { accepted, duplicates, refused, misfits, unreadable, reasons } = report
  const rows = [
    ['taken in', accepted, 'what they set off goes out when the host starts'],
    ['duplicates', duplicates, 'had come in again meanwhile'],
    ['refused', refused, 'their user does not agree to analytics, or was erased'],
    ['still out', misfits, 'do not fit the plan'],
    ['unreadable', unreadable, 'no plan will make them fit: waymark quarantine discard takes them out'],
  ] as const
  const shown = rows.filter(([name, value]) => value > 0 || name === 'taken in')
  const why = reasons.slice(0, 5).map(({ reason, count: times }) => [colors.yellow(count(times)), clip(reason, 110)])
  const table = columns(
    shown.map(([name, value, meaning]) => [name, count(value), colors.dim(meaning)]),
    [{}, { align: 'right' }],
  )
  return `${table}\n${why.length === 0 ? '' : `${columns(why, [{ align: 'right' }], '    ')}\n`}`
}

function bodyOf(item: Quarantined): string {
  if ('event' in item) return JSON.stringify(item.event)
  return typeof item.raw === 'string' ? item.raw : (JSON.stringify(item.raw) ?? 'nothing')
}
