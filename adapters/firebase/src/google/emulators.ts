import { WaymarkError } from '@waymark/core'

const EMULATORS: readonly string[] = [
  'FIREBASE_AUTH_EMULATOR_HOST',
  'FIRESTORE_EMULATOR_HOST',
  'FIREBASE_DATABASE_EMULATOR_HOST',
  'FIREBASE_STORAGE_EMULATOR_HOST',
  'BIGQUERY_EMULATOR_HOST',
]

/** With an emulator's address set, Firebase's SDK takes tokens nobody has signed and keeps data nowhere: never in production. */
export function refuseEmulators(environment: Readonly<Record<string, string | undefined>>): void {
  if (environment['NODE_ENV'] !== 'production') return
  const set = EMULATORS.filter((name) => (environment[name] ?? '') !== '')
  if (set.length === 0) return
  const mend = `unset ${set.join(', ')}, or do not set NODE_ENV to production`
  throw new WaymarkError(
    'FIREBASE_EMULATOR_IN_PRODUCTION',
    `NODE_ENV is production, and ${set.join(', ')} would have Firebase's SDK talk to an emulator; ${mend}`,
    {
      place: 'firebase',
      mend,
    },
  )
}
