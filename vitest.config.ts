import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['@waymark/source', 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: ['@waymark/source', 'node', 'import', 'default'] } },
  test: {
    include: ['{packages,adapters,examples}/*/{src,test}/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 20_000,
    typecheck: { enabled: true, include: ['packages/*/test/**/*.test-d.ts'], tsconfig: 'test/types/tsconfig.json' },
  },
})
