import type { Evidence, Fact, Truth } from '@waymark/core'
import { count, fromNow, localTime, wrapped } from './output.ts'
import type { Colors } from './terminal.ts'

/** How a condition stands, each part on lines of its own under what joins them. */
export function evidenceText(evidence: Evidence, at: number, colors: Colors, indent: string): string {
  // What must all be true needs no heading where it is the whole.
  const parts = evidence.kind === 'all' ? evidence.of : [evidence]
  return parts.flatMap((part) => linesOf(part, at, colors, indent)).join('\n')
}

function linesOf(evidence: Evidence, at: number, colors: Colors, indent: string): readonly string[] {
  const inner = `${indent}  `
  switch (evidence.kind) {
    case 'fact':
      return factLines(evidence, evidence.truth, '', at, colors, indent)
    case 'otherwise':
      return [`${indent}${truthWord(evidence.truth, colors)}  none of the others`]
    case 'not':
      return evidence.of.kind === 'fact'
        ? factLines(evidence.of, evidence.truth, 'not: ', at, colors, indent)
        : [heading(evidence.truth, 'not', colors, indent), ...linesOf(evidence.of, at, colors, inner)]
    case 'holding':
      return [
        heading(evidence.truth, 'from when', colors, indent),
        ...linesOf(evidence.from, at, colors, inner),
        `${indent}${colors.dim('until')}`,
        ...linesOf(evidence.until, at, colors, inner),
      ]
    case 'all':
    case 'any':
      return [
        heading(evidence.truth, evidence.kind === 'all' ? 'all of' : 'any of', colors, indent),
        ...evidence.of.flatMap((part) => linesOf(part, at, colors, inner)),
      ]
  }
}

function heading(truth: Truth, joint: string, colors: Colors, indent: string): string {
  return `${indent}${truthWord(truth, colors)}  ${colors.dim(joint)}`
}

function factLines({ says, value, missing, flipsAt }: Fact, truth: Truth, prefix: string, at: number, colors: Colors, indent: string): readonly string[] {
  const beside = `${indent}${' '.repeat(WORDS[truth].length + 2)}`
  const now = value === undefined ? '' : `; now ${count(value)}`
  const [first = '', ...rest] = wrapped(`${prefix}${says}${now}`, beside)
  return [
    `${indent}${truthWord(truth, colors)}  ${first.trimStart()}`,
    ...rest,
    ...(missing === undefined || missing === says ? [] : wrapped(`missing: ${missing}`, beside)),
    ...(flipsAt === undefined ? [] : [colors.dim(`${beside}time alone may change it ${localTime(flipsAt)} (${fromNow(flipsAt, at)})`)]),
  ]
}

const WORDS: Record<Truth, string> = { 0: 'false', 1: 'not settled', 2: 'true' }

export function truthWord(truth: Truth, colors: Colors): string {
  return [colors.red, colors.yellow, colors.green][truth]?.(WORDS[truth]) ?? WORDS[truth]
}
