import type { Route } from '@waymark/core'
import type { UploadApi } from '../limits.ts'
import { UPLOAD } from '../limits.ts'
import type { Collecting } from './collect.ts'
import { collectIdentify } from './identify.ts'
import { preflight, reply } from './reply.ts'
import { collectUpload } from './upload.ts'

/** What the browser SDK asks for before it starts, with `remoteConfig: { serverUrl: '…/config' }`. */
const REMOTE_CONFIG = '/config/:apiKey'

/** Every endpoint that Amplitude's SDKs send to, each with the preflight that browsers make. */
export function routes(collecting: Collecting): readonly Route[] {
  const post = (path: string, handle: Route['handle']): Route[] => [
    { method: 'POST', path, handle },
    { method: 'OPTIONS', path, handle: () => preflight('POST') },
  ]
  return [
    ...(['httpapi', 'batch'] as const satisfies UploadApi[]).flatMap((api) =>
      post(UPLOAD[api].path, (request, _, context) => collectUpload(request, api, collecting, context)),
    ),
    ...(['identify', 'groupidentify'] as const).flatMap((kind) =>
      post(`/${kind}`, (request, _, context) => collectIdentify(request, kind, collecting, context)),
    ),
    // Nothing is to be changed from afar: the SDK keeps what it was told in code.
    { method: 'GET', path: REMOTE_CONFIG, handle: () => reply(200, { configs: {} }, { 'cache-control': 'no-cache' }) },
    { method: 'OPTIONS', path: REMOTE_CONFIG, handle: () => preflight('GET') },
  ]
}
