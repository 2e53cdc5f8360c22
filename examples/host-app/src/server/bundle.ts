import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export interface Bundle {
  readonly script: Uint8Array
  readonly style: Uint8Array
}

const folder = fileURLToPath(new URL('../web/', import.meta.url))
let made: Promise<Bundle> | undefined

/** The browser's part of the product, built in memory: once in a process, as its sources do not change meanwhile. */
export function bundle(): Promise<Bundle> {
  made ??= make()
  return made
}

async function make(): Promise<Bundle> {
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: { app: 'main.tsx', style: 'style.css' },
    outdir: 'out',
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    // Waymark's packages are taken from their sources, so that nothing has to be built first.
    conditions: ['@waymark/source'],
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
    logLevel: 'silent',
  })
  const file = (name: string) => {
    const found = outputFiles.find(({ path }) => path.endsWith(name))
    if (found === undefined) throw new Error(`the build made no ${name}`)
    return found.contents
  }
  return { script: file('app.js'), style: file('style.css') }
}
