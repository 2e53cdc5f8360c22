import { isObject } from '@waymark/core'
import type { CollectedEvent } from './firebase/collect.ts'
import { collect, debug } from './firebase/collect.ts'
import type { ExportServer } from './firebase/export.ts'
import { createExport } from './firebase/export.ts'
import type { AuthUser } from './firebase/users.ts'
import { accounts } from './firebase/users.ts'
import type { VendorServer } from './vendor-server.ts'
import { vendorServer } from './vendor-server.ts'

export interface FakeFirebase extends VendorServer<CollectedEvent> {
  /** Users of Firebase Authentication, by uid: point `FIREBASE_AUTH_EMULATOR_HOST` to `host`. */
  readonly users: Map<string, AuthUser>
  /** The export in BigQuery: point `apiEndpoint` to `url`. */
  readonly bigquery: Omit<ExportServer, 'answer'>
  /** Ids that Google Analytics was asked to delete the users of. */
  readonly deletions: Readonly<Record<string, unknown>>[]
  /** Without a scheme: `127.0.0.1:40123`. */
  readonly host: string
}

/**
 * Google on this machine, as far as Firebase and Analytics go: the Measurement Protocol, which answers 204 to anything and knows no copies, its validation
 * endpoint, BigQuery's REST API, the Auth emulator's and the Analytics Admin API. Firestore is gRPC: `fakeFirestore`.
 */
export async function fakeFirebase(): Promise<FakeFirebase> {
  const users = new Map<string, AuthUser>()
  const bigquery = createExport()
  const deletions: Record<string, unknown>[] = []
  let unnamed = 0
  function nextUnnamed(): string {
    unnamed += 1
    return `unnamed ${unnamed}`
  }
  const server = await vendorServer<CollectedEvent>(
    (request, books) => {
      const { path, json } = request
      if (path === '/mp/collect') return collect(request, books, nextUnnamed)
      if (path === '/debug/mp/collect') return debug(request)
      if (path.startsWith('/bigquery/v2/')) return bigquery.answer(request)
      if (path.startsWith('/identitytoolkit.googleapis.com/')) return accounts(request, users)
      if (path.endsWith(':submitUserDeletion')) {
        deletions.push(isObject(json) ? json : {})
        return { status: 200, body: { deletionRequestTime: '2026-01-02T12:00:00Z' } }
      }
      return { status: 404, body: { error: { code: 404, message: `no such path: ${path}` } } }
    },
    { dedups: false },
  )
  // Added to the server itself, whose counts are getters.
  return Object.assign(server, { users, bigquery, deletions, host: new URL(server.url).host })
}
