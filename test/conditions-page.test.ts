import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Condition, checkCondition, describe as inEnglish, type Plan, type Segment } from '@waymark/core'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** The examples of docs/conditions.md are taken out of it, compiled, and held to the sentence that stands behind each. */
const page = readFileSync(join(import.meta.dirname, '../docs/conditions.md'), 'utf8')
const file = join(import.meta.dirname, 'conditions-page.generated.ts')
const lines = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.split('\n'))
const EXAMPLE = /^([a-z].*?) \/\/ (.*)$/i

beforeAll(() => {
  const source = lines.map((line) => line.replace(EXAMPLE, (_, code: string, sentence: string) => `examples.push([${code}, ${JSON.stringify(sentence)}])`))
  writeFileSync(
    file,
    `${source.join('\n')}\nexport { engagement, plan }\n`
      .replace('const plan', 'export const examples: [{ condition: Condition }, string][] = []\nconst plan')
      .replace("from '@waymark/core'", "from '@waymark/core'\nimport type { Condition } from '@waymark/core'"),
  )
})
afterAll(() => rmSync(file, { force: true }))

describe('the page on conditions', () => {
  it('has examples that compile', () => {
    const config = ts.readConfigFile(join(import.meta.dirname, 'tsconfig.json'), ts.sys.readFile)
    const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, import.meta.dirname)
    const problems = ts.getPreEmitDiagnostics(ts.createProgram([file], options)).filter((problem) => problem.file?.fileName === file)
    expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([])
  }, 60_000)

  it('says of each what its English reading says', async () => {
    const { examples, engagement, plan } = (await import(file)) as { examples: [{ condition: Condition }, string][]; engagement: Segment; plan: Plan }
    expect(examples.length).toBe(lines.filter((line) => EXAMPLE.test(line)).length)
    for (const [{ condition }, sentence] of examples) {
      expect(inEnglish(condition)).toBe(sentence)
      expect(checkCondition(condition, plan, sentence, [engagement])).toEqual([])
    }
  })

  it('has an example of every word', async () => {
    const { plan } = (await import(file)) as { plan: { behaviour: object } }
    const examples = lines.filter((line) => !line.startsWith('const {'))
    expect(Object.keys(plan.behaviour).filter((word) => !examples.some((line) => new RegExp(`\\b${word}\\b`).test(line)))).toEqual([])
  })
})
