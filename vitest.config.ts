import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['@waymark/source', 'node', 'import', 'default'] },
  // Without 'import', which Node would also take for a require: that would hand it the wrong half of a package that has both.
  ssr: { resolve: { conditions: ['@waymark/source', 'node', 'default'] } },
  test: {
    include: ['{packages,adapters,examples}/*/{src,test}/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 20_000,
    // Google's clients look for a metadata server beyond this machine before they ask anybody else; nothing that is tested may.
    env: { METADATA_SERVER_DETECTION: 'none' },
    typecheck: { enabled: true, include: ['packages/*/test/**/*.test-d.ts'], tsconfig: 'test/types/tsconfig.json' },
  },
})
