import type { OAuth2Client } from 'google-auth-library'

/** How Google is asked for anything. With neither key nor token, the credentials of the environment count (`GOOGLE_APPLICATION_CREDENTIALS`). */
export interface GoogleAccess {
  /** The id of the project. */
  readonly project: string
  /** Path of a service account's key. */
  readonly keyFile?: string
  /** The key itself. */
  readonly credentials?: { readonly client_email: string; readonly private_key: string }
  /** Makes access tokens, where there is another way to them. Firestore takes none. */
  readonly accessToken?: () => Promise<string>
}

const SCOPES: readonly string[] = ['https://www.googleapis.com/auth/cloud-platform', 'https://www.googleapis.com/auth/analytics.edit']

/** A token is asked for again after so long, on the machine's clock, by which the library goes; Google's own hold an hour. */
const TOKEN_MS = 50 * 60_000

/** A client that puts a token on requests. The library is loaded only now: it takes a tenth of a second that a config need not pay for. */
export async function authClient({ keyFile, credentials, accessToken }: GoogleAccess): Promise<OAuth2Client> {
  const { GoogleAuth, OAuth2Client } = await import('google-auth-library')
  if (accessToken !== undefined) {
    const client = new OAuth2Client()
    client.refreshHandler = async () => ({ access_token: await accessToken(), expiry_date: performance.timeOrigin + performance.now() + TOKEN_MS })
    return client
  }
  const auth = new GoogleAuth({
    scopes: [...SCOPES],
    ...(keyFile === undefined ? {} : { keyFilename: keyFile }),
    ...(credentials === undefined ? {} : { credentials: { ...credentials } }),
  })
  return (await auth.getClient()) as OAuth2Client
}
