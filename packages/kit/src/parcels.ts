export interface Sized {
  readonly bytes: number
}

/** Splits, in order, into parcels of at most so many items and bytes. One that is too large by itself has a parcel of its own. */
export function parcels<T extends Sized>(items: readonly T[], most: { readonly items: number; readonly bytes: number }): T[][] {
  const filled: T[][] = []
  let bytes = 0
  for (const item of items) {
    const last = filled.at(-1)
    bytes += item.bytes
    if (last === undefined || last.length === most.items || bytes > most.bytes) {
      filled.push([item])
      bytes = item.bytes
    } else last.push(item)
  }
  return filled
}

/** The two halves of a parcel that was refused as a whole. */
export function halves<T>(items: readonly T[]): [T[], T[]] {
  const middle = Math.ceil(items.length / 2)
  return [items.slice(0, middle), items.slice(middle)]
}
