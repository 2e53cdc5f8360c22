import type { Finding, FindingStatus } from '@waymark/host'
import { plural, wrap } from './output.ts'
import type { Colors } from './terminal.ts'

/** Lines of this many columns at most, so that they do not break in a terminal of that width. */
const WIDTH = 100
const AREA = 12
const INDENT = 2 + 4 + 2 + AREA + 2
const FIX = 5
/** An excerpt of a file, and an example. */
const CODE = /^[> ]* *\d* \||^ {4}\S/

/** What a doctor found, for a person: one entry a finding, its mend below it, and the sum. */
export function renderFindings(findings: readonly Finding[], config: string, colors: Colors): string {
  const entries = findings.map((finding) => entry(finding, colors))
  return `${colors.bold('waymark doctor')}  ${colors.dim(config)}\n\n${entries.join('\n')}\n\n${sum(findings, colors)}\n`
}

function entry({ status, area, says, mend }: Finding, colors: Colors): string {
  const [first = '', ...rest] = lines(says, WIDTH - INDENT)
  const head = `  ${paint(status, colors)(status.padEnd(4))}  ${colors.bold(area.padEnd(AREA))}  ${first}`
  const fix =
    mend === undefined ? [] : lines(mend, WIDTH - INDENT - FIX).map((line, index) => `${index === 0 ? colors.cyan('fix'.padEnd(FIX)) : ' '.repeat(FIX)}${line}`)
  return [head, ...[...rest, ...fix].map((line) => `${' '.repeat(INDENT)}${line}`.trimEnd())].join('\n')
}

/** Keeps the lines that a text has, and what they begin with; breaks those that are too long. Code is left as it is. */
function lines(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const lead = /^ */.exec(line)?.[0] ?? ''
    return CODE.test(line) ? [line] : wrap(line.slice(lead.length), width - lead.length).map((part) => lead + part)
  })
}

function paint(status: FindingStatus, colors: Colors): (text: string) => string {
  return { ok: colors.green, warn: colors.yellow, fail: colors.red }[status]
}

function sum(findings: readonly Finding[], colors: Colors): string {
  const count = (status: FindingStatus) => findings.filter((finding) => finding.status === status).length
  const [failures, warnings] = [count('fail'), count('warn')]
  if (failures === 0 && warnings === 0) return colors.green('all is well')
  return [failures > 0 ? colors.red(plural(failures, 'failure')) : '', warnings > 0 ? colors.yellow(plural(warnings, 'warning')) : '']
    .filter((part) => part !== '')
    .join(', ')
}
