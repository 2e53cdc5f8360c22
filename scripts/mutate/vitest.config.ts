import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import everything from '../../vitest.config.ts'

const FIRST = ['/evaluate-did.', '/evaluate-', '/engine.', '/decisions.']

/** What holds each predicate, and then the engine, to the definitions goes first: it notices most changes, and the first failure ends a run. */
class DefinitionsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = FIRST.findIndex((name) => moduleId.includes(name))
      return place < 0 ? FIRST.length : place
    }
    return files.toSorted((a, b) => rank(a) - rank(b))
  }
}

/** Core's own tests, but for those that ask databases, which take longer than a thousand changes allow and are about the SQL. */
export default defineConfig({
  ...everything,
  test: {
    include: ['packages/core/{src,test}/**/*.test.ts'],
    exclude: ['**/sql-*.test.ts'],
    setupFiles: ['scripts/mutate/same-cases.ts'],
    sequence: { sequencer: DefinitionsFirst },
    testTimeout: 20_000,
  },
})
