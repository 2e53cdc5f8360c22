import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Builds disk.c into the folder. Undefined where there is no C compiler, or no way to stand between a process and its disk. */
export function buildShim(folder: string): string | undefined {
  if (process.platform !== 'linux') return undefined
  const library = join(folder, 'disk.so')
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(import.meta.dirname, 'disk.c'), '-ldl', '-lpthread'], { stdio: 'pipe' })
    return library
  } catch (error) {
    // A compiler that is there and refuses the source is a mistake in the source.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
