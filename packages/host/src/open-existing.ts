import { type Store, WaymarkError } from '@waymark/core'

/**
 * Opens a store to write to what is there, and creates nothing. With a host running it is refused, and `instead` says what to call in the
 * host's process.
 */
export async function openExisting(store: Store, instead: string): Promise<void> {
  try {
    await store.open({ readOnly: true })
    await store.close()
  } catch (error) {
    // Opening to write brings it up to date.
    if (!WaymarkError.is(error) || error.code !== 'STORE_OLDER') throw error
  }
  try {
    await store.open()
  } catch (error) {
    if (!WaymarkError.is(error) || error.code !== 'STORE_IN_USE') throw error
    throw new WaymarkError('HOST_RUNNING', 'a host has this database open, and one process alone writes to it', {
      ...(error.place === undefined ? {} : { place: error.place }),
      mend: `stop the host, run this again and start it; or call ${instead} in its process`,
      cause: error,
    })
  }
}
