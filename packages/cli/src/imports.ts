import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

export interface ImportWatch {
  /** Paths of the files asked for so far, in the order they were read; installed packages left out. */
  files(): readonly string[]
}

/** Notes every file that is imported from now on, also one that turns out to be broken. */
export function watchImports(onFile?: (file: string) => void): ImportWatch {
  const files = new Set<string>()
  registerHooks({
    load(url, context, nextLoad) {
      if (url.startsWith('file:') && !url.includes('/node_modules/')) {
        const file = fileURLToPath(url)
        files.add(file)
        onFile?.(file)
      }
      return nextLoad(url, context)
    },
  })
  return { files: () => [...files] }
}
