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
  const serve = (path: string, methods: readonly ('GET' | 'POST')[], handle: Route['handle']): Route[] => [
    ...methods.map((method) => ({ method, path, handle })),
    { method: 'OPTIONS', path, handle: () => preflight(methods) },
  ]
  return [
    ...(['httpapi', 'batch'] as const satisfies UploadApi[]).flatMap((api) =>
      serve(UPLOAD[api].path, ['POST'], (request, _, context) => collectUpload(request, api, collecting, context)),
    ),
    ...(['identify', 'groupidentify'] as const).flatMap((kind) =>
      serve(`/${kind}`, ['GET', 'POST'], (request, _, context) => collectIdentify(request, kind, collecting, context)),
    ),
    // Nothing is to be changed from afar: the SDK keeps what it was told in code.
    ...serve(REMOTE_CONFIG, ['GET'], () => reply(200, { configs: {} }, { 'cache-control': 'no-cache' })),
  ]
}
