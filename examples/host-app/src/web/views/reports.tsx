import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { type Card, COLUMN_NAMES, COLUMNS } from '../../server/model.ts'
import { Heading, type ViewProps } from '../parts.tsx'

const DAY = 86_400_000
const WEEK = 7

interface Bar {
  readonly label: string
  readonly value: number
}

/** Feature C: the cards as a picture. */
export function Reports({ account, tracker }: ViewProps): JSX.Element {
  const [by, setBy] = useState<'column' | 'day'>('column')
  const { cards } = account.workspace
  const done = cards.filter((card) => card.column === 'done').length

  useEffect(() => tracker.track('feature_used', { feature: 'C', advanced: false }), [])
  function choose(next: 'column' | 'day'): void {
    setBy(next)
    if (next === 'day') tracker.track('feature_used', { feature: 'C', advanced: true })
  }
  return (
    <>
      <Heading>Reports</Heading>
      <div class="figures">
        <Figure value={cards.length} label={cards.length === 1 ? 'card' : 'cards'} />
        <Figure value={done} label="done" />
        <Figure value={cards.length === 0 ? 0 : Math.round((100 * done) / cards.length)} label="per cent finished" />
      </div>
      <fieldset class="segmented">
        <legend class="visually-hidden">Show cards by</legend>
        {(['column', 'day'] as const).map((one) => (
          <label key={one}>
            <input type="radio" name="by" checked={by === one} onChange={() => choose(one)} />
            <span>By {one}</span>
          </label>
        ))}
      </fieldset>
      <Chart
        title={by === 'column' ? 'Cards in each column' : 'Cards written on each of the last seven days'}
        bars={by === 'column' ? byColumn(cards) : byDay(cards)}
      />
    </>
  )
}

function Figure({ value, label }: { readonly value: number; readonly label: string }): JSX.Element {
  return (
    <p class="figure">
      <strong>{value}</strong> {label}
    </p>
  )
}

function Chart({ title, bars }: { readonly title: string; readonly bars: readonly Bar[] }): JSX.Element {
  const highest = Math.max(1, ...bars.map(({ value }) => value))
  const width = 640 / bars.length
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <svg viewBox="0 0 640 260" role="img" aria-label={`${title}: ${bars.map(({ label, value }) => `${label} ${value}`).join(', ')}`}>
        <line x1="0" y1="220" x2="640" y2="220" class="axis" />
        {bars.map(({ label, value }, index) => {
          const height = (value / highest) * 180
          const middle = width * (index + 0.5)
          const thickness = Math.min(96, width * 0.6)
          return (
            <g key={label}>
              <rect x={middle - thickness / 2} y={220 - height} width={thickness} height={height} rx="6" class="bar" />
              <text x={middle} y={210 - height} class="value">
                {value}
              </text>
              <text x={middle} y="246" class="label">
                {label}
              </text>
            </g>
          )
        })}
      </svg>
    </figure>
  )
}

function byColumn(cards: readonly Card[]): readonly Bar[] {
  return COLUMNS.map((column) => ({ label: COLUMN_NAMES[column], value: cards.filter((card) => card.column === column).length }))
}

/** The newest card may be from a future that was travelled to: its day is the last one shown. */
function byDay(cards: readonly Card[]): readonly Bar[] {
  const today = dayOf(Math.max(Date.now(), ...cards.map(({ createdAt }) => createdAt)))
  return Array.from({ length: WEEK }, (_, index) => {
    const day = today - (WEEK - 1 - index)
    return {
      label: new Date(day * DAY).toLocaleDateString(undefined, { weekday: 'short', timeZone: 'UTC' }),
      value: cards.filter((card) => dayOf(card.createdAt) === day).length,
    }
  })
}

function dayOf(at: number): number {
  return Math.floor((at - new Date(at).getTimezoneOffset() * 60_000) / DAY)
}
