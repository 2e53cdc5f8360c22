import type { LakeFile } from './catalog.ts'

/** So many files of about the same size become one. */
export const MERGED = 16

/**
 * Which files are to become one, each group of one table and day. Files are merged with others of their size only, 1 to 15 rows, 16 to 255 and so
 * on, so that a row is written anew once for each sixteenfold growth and not with every merge.
 */
export function planCompaction(files: readonly LakeFile[]): readonly (readonly LakeFile[])[] {
  return [...Map.groupBy(files, ({ table, day, rows }) => `${table} ${day} ${tierOf(rows)}`).values()].filter((group) => group.length >= MERGED)
}

/** Everything of a day as one file. */
export function planAll(files: readonly LakeFile[]): readonly (readonly LakeFile[])[] {
  return [...Map.groupBy(files, ({ table, day }) => `${table} ${day}`).values()].filter((group) => group.length > 1)
}

function tierOf(rows: number): number {
  return Math.floor(Math.log2(Math.max(1, rows)) / Math.log2(MERGED))
}
