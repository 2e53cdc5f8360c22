import { WaymarkError } from '@waymark/core'
import { googleClients } from './google/clients.ts'
import { refuseEmulators } from './google/emulators.ts'
import type { FirebaseOptions } from './options.ts'
import { MEMBERSHIPS } from './sink/memberships.ts'

/** Finds out whether what the options name is there and lets us in, with clients of its own. The Measurement Protocol has nothing to ask: it takes any secret. */
export async function probe({ google, bigquery, auth, firestore, memberships, eraser }: FirebaseOptions): Promise<void> {
  refuseEmulators(process.env)
  const clients = googleClients(google, bigquery?.apiEndpoint)
  const collection = Object.keys(firestore ?? {})[0] ?? (memberships === undefined ? undefined : (memberships.collection ?? MEMBERSHIPS))
  try {
    if (bigquery !== undefined) await asked('bigquery', async () => (await clients.bigquery()).dataset(bigquery.dataset).getMetadata())
    if (auth !== undefined || eraser?.auth === true) await asked('auth', async () => (await clients.auth()).listUsers(1))
    if (collection !== undefined) await asked('firestore', async () => (await clients.firestore()).collection(collection).doc('waymark-probe').get())
    if (eraser?.property !== undefined) await asked('google', () => clients.accessToken())
  } finally {
    await clients.close()
  }
}

async function asked(option: string, question: () => Promise<unknown>): Promise<void> {
  try {
    await question()
  } catch (error) {
    const mend = 'check google.project and the roles of the account it names'
    const reason = error instanceof Error ? error.message : String(error)
    throw new WaymarkError('FIREBASE_UNREACHABLE', `firebase({ ${option} }): ${reason}; ${mend}`, { place: `firebase.${option}`, mend, cause: error })
  }
}
