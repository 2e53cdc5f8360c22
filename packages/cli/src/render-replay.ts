import type { Guard } from '@waymark/core'
import type { ReplaySummary } from '@waymark/host'
import { clip, columns, count, percent, plural } from './output.ts'
import { guardName } from './render-decision.ts'
import type { Colors } from './terminal.ts'

export interface ReplayFigures {
  readonly summary: ReplaySummary
  readonly milliseconds: number
  /** How often each reason put an event into quarantine, and the first line it did. */
  readonly reasons: ReadonlyMap<string, { readonly count: number; readonly line: number }>
}

const MOST_REASONS = 5

/** What a replay came to, for a person. */
export function renderReplay({ summary, milliseconds, reasons }: ReplayFigures, colors: Colors): string {
  const { events, profiles } = summary
  const speed = Math.round((events * 1_000) / Math.max(1, milliseconds))
  const head = `${colors.bold(plural(events, 'event'))} of ${colors.bold(plural(profiles, 'profile'))} ${colors.dim(`in ${(milliseconds / 1_000).toFixed(1)} s, ${count(speed)} events/s`)}`
  return `${[head, eventsTable(summary, reasons, colors), segmentsTable(summary, colors), decisionsTable(summary, colors)].join('\n\n')}\n`
}

function eventsTable({ accepted, quarantined, duplicates, refused, events }: ReplaySummary, reasons: ReplayFigures['reasons'], colors: Colors): string {
  const rows = [['accepted', accepted] as const, ['quarantined', quarantined] as const, ['duplicates', duplicates] as const, ['refused', refused] as const]
  const shown = rows.filter(([name, value]) => value > 0 || name === 'accepted').map(([name, value]) => [name, count(value), percent(value, events)])
  const worst = [...reasons].sort(([, a], [, b]) => b.count - a.count)
  const listed = worst
    .slice(0, MOST_REASONS)
    .map(([reason, { count: times, line }]) => [
      colors.yellow(count(times)),
      `${clip(reason, 100)}  ${colors.dim(`(${times === 1 ? '' : 'first in '}line ${count(line)})`)}`,
    ])
  const more =
    worst.length > MOST_REASONS ? [`    ${colors.dim(`and ${plural(worst.length - MOST_REASONS, 'other reason')}; --quarantine FILE writes them all`)}`] : []
  return [
    `${colors.underline('Events')}\n${columns(shown, [{}, { align: 'right' }, { align: 'right' }])}`,
    ...(listed.length === 0 ? [] : [columns(listed, [{ align: 'right' }], '    ')]),
    ...more,
  ].join('\n')
}

function segmentsTable({ segments, profiles }: ReplaySummary, colors: Colors): string {
  const rows = Object.entries(segments).flatMap(([segment, members]) => {
    const settled = Object.values(members).reduce((sum, value) => sum + value, 0)
    const own = Object.entries(members).map(([member, value]) => [member, count(value), percent(value, profiles)])
    const open = profiles === settled ? [] : [[colors.dim('in none'), count(profiles - settled), percent(profiles - settled, profiles)]]
    return [...own, ...open].map((row, index) => [index === 0 ? colors.bold(segment) : '', ...row])
  })
  return `${colors.underline('Segments')}\n${rows.length === 0 ? `  ${colors.dim('none in this config')}` : columns(rows, [{}, {}, { align: 'right' }, { align: 'right' }])}`
}

function decisionsTable({ decisions }: ReplaySummary, colors: Colors): string {
  const rows = Object.entries(decisions).map(([rule, { sent, suppressed }]) => {
    const reasons = Object.entries(suppressed).sort(([, a], [, b]) => b - a)
    const held = reasons.reduce((sum, [, value]) => sum + value, 0)
    const why = reasons.map(([guard, value]) => `${count(value)} by ${guardName(guard as Guard)}`).join(', ')
    return [colors.bold(rule), `${colors.green(count(sent))} sent`, `${held === 0 ? '0' : colors.yellow(count(held))} held back`, why]
  })
  return `${colors.underline('Decisions')}\n${rows.length === 0 ? `  ${colors.dim('no rules in this config')}` : columns(rows, [{}, { align: 'right' }, { align: 'right' }])}`
}
