import { randomUUID } from 'node:crypto'
import type { BigQuery } from '@google-cloud/bigquery'
import { WaymarkError } from '@waymark/core'
import type { App } from 'firebase-admin/app'
import type { Auth } from 'firebase-admin/auth'
import type { Firestore } from 'firebase-admin/firestore'
import type { OAuth2Client } from 'google-auth-library'
import type { GoogleAccess } from './access.ts'
import { authClient } from './access.ts'
import { refuseEmulators } from './emulators.ts'

/** Google's own clients, each loaded and made when it is first asked for: a config must load fast, and without credentials. */
export interface GoogleClients {
  auth(): Promise<Auth>
  firestore(): Promise<Firestore>
  bigquery(): Promise<BigQuery>
  /** A token for REST APIs that no client is loaded for. */
  accessToken(): Promise<string>
  close(): Promise<void>
}

/** `apiEndpoint`: another BigQuery than Google's. */
export function googleClients(access: GoogleAccess | undefined, apiEndpoint?: string): GoogleClients {
  let app: Promise<App> | undefined
  let firestore: Promise<Firestore> | undefined
  let client: Promise<OAuth2Client> | undefined

  function needed(): GoogleAccess {
    refuseEmulators(process.env)
    if (access !== undefined) return access
    throw new WaymarkError('FIREBASE_OPTION_INVALID', "firebase({ google }): it is missing; name the project: google: { project: 'my-project' }", {
      place: 'firebase.google',
      mend: "name the project: google: { project: 'my-project' }",
    })
  }

  const appOf = () => (app ??= makeApp(needed()))
  const clientOf = () => (client ??= authClient(needed()))

  return {
    async auth() {
      const { getAuth } = await import('firebase-admin/auth')
      return getAuth(await appOf())
    },
    firestore: () =>
      (firestore ??= (async () => {
        const { getFirestore } = await import('firebase-admin/firestore')
        return getFirestore(await appOf())
      })()),
    async bigquery() {
      const { BigQuery } = await import('@google-cloud/bigquery')
      const { project } = needed()
      return new BigQuery({ projectId: project, authClient: await clientOf(), ...(apiEndpoint === undefined ? {} : { apiEndpoint }) })
    },
    async accessToken() {
      const { token } = await (await clientOf()).getAccessToken()
      return token ?? ''
    },
    async close() {
      const made = await app?.catch(() => undefined)
      app = undefined
      firestore = undefined
      client = undefined
      if (made === undefined) return
      const { deleteApp } = await import('firebase-admin/app')
      await deleteApp(made)
    },
  }
}

/** Without a key of our own, the SDK takes the credentials of the environment; with an emulator, none. */
async function makeApp({ project, keyFile, credentials, accessToken }: GoogleAccess): Promise<App> {
  const { cert, initializeApp } = await import('firebase-admin/app')
  const credential =
    keyFile !== undefined
      ? cert(keyFile)
      : credentials !== undefined
        ? cert({ projectId: project, clientEmail: credentials.client_email, privateKey: credentials.private_key })
        : undefined
  const token = accessToken === undefined || credential !== undefined ? undefined : accessToken
  const ownToken = token === undefined ? undefined : { getAccessToken: async () => ({ access_token: await token(), expires_in: 3000 }) }
  // Firestore takes no credential of one's own making, not even beside an emulator that asks for none.
  const chosen = credential ?? (process.env['FIRESTORE_EMULATOR_HOST'] === undefined ? ownToken : undefined)
  return initializeApp({ projectId: project, ...(chosen === undefined ? {} : { credential: chosen }) }, `waymark-${randomUUID()}`)
}
