import { expect, it } from 'vitest'
import { showProgress } from './progress.ts'
import { plainColors, type Terminal } from './terminal.ts'

function terminal(isWatched: boolean): { readonly terminal: Terminal; readonly written: string[] } {
  const written: string[] = []
  return { written, terminal: { out: () => {}, err: (text) => void written.push(text), outColors: plainColors, errColors: plainColors, isWatched } }
}

const at = Date.parse('2004-05-20T12:00:00Z')

it('writes one line over and over where somebody watches, and clears it at the end', () => {
  const { terminal: watched, written } = terminal(true)
  let now = 0
  const progress = showProgress(watched, () => now)
  for (now = 10; now <= 1_000; now += 10) progress.update({ events: now * 50, at, share: now / 1_000 })
  progress.end()
  progress.end()
  expect(written.length).toBeLessThan(15)
  expect(written.at(-2)?.startsWith('\r\u001b[K')).toBe(true)
  expect(written.at(-2)).toMatch(/ *\d+% {2}[\d,]+ events {2}50,000 events\/s {2}at 2004-05-20$/)
  expect(written.filter((text) => text === '\r\u001b[K')).toHaveLength(1)
})

it('elsewhere writes a line every few seconds, and none for short work', () => {
  const { terminal: file, written } = terminal(false)
  let now = 0
  const progress = showProgress(file, () => now)
  for (now = 0; now < 4_000; now += 100) progress.update({ events: now, at, share: undefined })
  expect(written).toEqual([])
  for (; now <= 12_000; now += 100) progress.update({ events: now, at, share: undefined })
  progress.end()
  expect(written).toEqual(['5,000 events  1,000 events/s  at 2004-05-20\n', '10,000 events  1,000 events/s  at 2004-05-20\n'])
})
