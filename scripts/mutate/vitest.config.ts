import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import everything from '../../vitest.config.ts'

/** What holds the engine to the definitions goes first: it notices most changes, and the first failure ends a run. */
class EngineFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => (moduleId.endsWith('/engine.test.ts') ? 0 : moduleId.endsWith('/decisions.test.ts') ? 1 : 2)
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
    sequence: { sequencer: EngineFirst },
    testTimeout: 20_000,
  },
})
