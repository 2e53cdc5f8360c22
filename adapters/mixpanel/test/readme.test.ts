import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { INCOMING_EVENTS, KINDS, PROPERTIES_AT, TRAITS } from '../src/mapping.ts'

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`
const code = (text: string) => `\`${text}\``

it('prints the mapping as the code has it', () => {
  const rows = [
    ...KINDS.map((cells) => row(...cells)),
    ...INCOMING_EVENTS.map(([theirs, ours]) => row(code(theirs), ours)),
    ...[PROPERTIES_AT, TRAITS].flatMap((table) => Object.entries(table).map(([theirs, ours]) => row(code(theirs), code(ours)))),
  ]
  const printed = readme
    .slice(readme.indexOf('## Mapping'))
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (---|Here|At Mixpanel)/.test(line))
  expect(printed).toEqual(rows)
})
