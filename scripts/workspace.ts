import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface Package {
  readonly name: string
  readonly folder: string
  readonly private: boolean
  /** The names it can be imported by: its own, and one for each subpath. */
  readonly entries: readonly string[]
}

/** Every package of the workspace, by folder. */
export function workspacePackages(root: string): Package[] {
  return globSync('{packages,adapters,examples}/*/package.json', { cwd: root })
    .sort()
    .map((path) => {
      const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as { name: string; private?: boolean; exports?: Record<string, unknown> }
      const subpaths = Object.keys(manifest.exports ?? {}).filter((subpath) => subpath !== './package.json')
      return {
        name: manifest.name,
        folder: dirname(path),
        private: manifest.private === true,
        entries: subpaths.map((subpath) => manifest.name + subpath.slice(1)),
      }
    })
}

/** Every TypeScript project: the root, benches, tests across packages, each package, and tests that need other types than the sources they test. */
export function typeScriptProjects(root: string): string[] {
  return globSync(
    ['tsconfig.json', '{bench,test}/tsconfig.json', '{packages,adapters,examples}/*/tsconfig.json', '{packages,adapters,examples}/*/test/tsconfig.json'],
    { cwd: root },
  ).sort()
}
