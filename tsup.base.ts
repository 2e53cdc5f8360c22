import type { Options } from 'tsup'

/** One build for every package: ESM with declarations, made from `src/index.ts` unless a package names more entries. */
export const base: Options = {
  entry: ['src/index.ts'],
  format: ['esm'],
  dts: true,
  clean: true,
  sourcemap: true,
  target: 'es2023',
  treeshake: true,
  // `node:sqlite` has no name without its prefix.
  removeNodeProtocol: false,
}
