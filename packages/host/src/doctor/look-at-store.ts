import { type Store, WaymarkError } from '@waymark/core'
import { type Finding, fail, ok, warn } from './finding.ts'
import { bytes, percent } from './words.ts'

const TIGHT = 0.1
const LITTLE = 2_000_000_000
const NEARLY_NOTHING = 200_000_000

/** What came of opening it to read. */
export function unopened(error: unknown): Finding {
  if (!WaymarkError.is(error)) return fail('store', `it cannot be opened: ${String(error)}`, 'mend what the error names')
  const mend = error.mend ?? 'mend what the error names'
  if (error.code === 'STORE_MISSING') return warn('store', error.message, `start the host once, which creates it; or ${mend}`)
  if (error.code === 'STORE_OLDER') return warn('store', error.message, mend)
  return fail('store', error.place === undefined || error.message.includes(error.place) ? error.message : `${error.place}: ${error.message}`, mend)
}

/** Where it is, whether it is sound, and whether it may grow. */
export async function lookAtStore(store: Store): Promise<{ readonly findings: readonly Finding[]; readonly isInUse: boolean; readonly logBytes?: number }> {
  if (store.inspect === undefined) return { findings: [ok('store', `${store.name} opens; it does not say more of itself`)], isInUse: true }
  const { place, schema, bytes: size, logBytes, room, isWritable, isInUse, damage } = await store.inspect()
  const about = `${store.name} at ${place}: schema ${schema}, ${bytes(size)}`
  const [fault, ...more] = damage
  const findings =
    fault === undefined
      ? [ok('store', `${about}, sound${isInUse ? '; a host has it open' : '; no host has it open'}`)]
      : [fail('store', `${about}, damaged: ${fault}${more.length === 0 ? '' : `, and ${more.length} more`}`, 'stop the host and restore a backup')]
  if (!isWritable) findings.push(fail('store', `this user may not write ${place}`, 'give the user the host runs as the right to write the file and its folder'))
  if (room !== undefined) findings.push(lookAtRoom(room))
  return { findings, isInUse, ...(logBytes === undefined ? {} : { logBytes }) }
}

function lookAtRoom({ freeBytes, totalBytes }: { readonly freeBytes: number; readonly totalBytes: number }): Finding {
  const says = `${bytes(freeBytes)} free of ${bytes(totalBytes)} (${percent(freeBytes, totalBytes)}) where the store is`
  const mend = 'make room: with a full disk nothing more is taken in, and senders are answered 503 until there is some again'
  if (freeBytes < NEARLY_NOTHING) return fail('disk', says, mend)
  return freeBytes < LITTLE || freeBytes < TIGHT * totalBytes ? warn('disk', says, mend) : ok('disk', says)
}
