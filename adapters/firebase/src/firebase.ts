import type { Plugin, Source } from '@waymark/core'
import { tagOf } from '@waymark/kit'
import { checkOptions } from './check-options.ts'
import { eraser } from './eraser/eraser.ts'
import type { GoogleClients } from './google/clients.ts'
import { googleClients } from './google/clients.ts'
import { refuseEmulators } from './google/emulators.ts'
import type { FirebaseOptions } from './options.ts'
import { probe } from './probe.ts'
import { routes } from './routes/routes.ts'
import { createMemberships, MEMBERSHIPS } from './sink/memberships.ts'
import { sink } from './sink/sink.ts'
import { authSource } from './sources/auth.ts'
import { bigQuerySource } from './sources/bigquery/source.ts'
import { firestoreSource } from './sources/firestore.ts'
import { createNews } from './sources/news.ts'

const GOOGLE = 'https://www.google-analytics.com'

/**
 * Firebase and Google Analytics, both ways: the Measurement Protocol's endpoints, the export in BigQuery, collections of Firestore and the users of
 * Firebase Authentication as sources; Google Analytics and Firestore documents as a sink; and deletion in all of them.
 * Throws a `WaymarkError` when an option is wrong. Google's clients are loaded when they are first needed.
 */
export function firebase(options: FirebaseOptions = {}): Plugin {
  checkOptions(options)
  const { name = 'firebase', receive = true, streams, mirror, mapping, google, memberships: documents, bigquery } = options
  const clients = googleClients(google, bigquery?.apiEndpoint)
  const project = google?.project ?? ''
  const tag = tagOf(JSON.stringify(['firebase', project, Object.keys(options.sink?.streams ?? {}).sort()]))
  const echo = options.sink === undefined && documents === undefined ? undefined : tag
  const memberships = documents === undefined ? undefined : createMemberships(clients, documents.collection ?? MEMBERSHIPS, tag)
  const mirrorTo = mirror === undefined || mirror === false ? undefined : { to: GOOGLE, ...(mirror === true ? {} : mirror) }
  const sources = sourcesOf(options, { name, clients, echo })
  const hasEraser = options.eraser !== undefined || memberships !== undefined

  return {
    name,
    purpose: 'analytics',
    ...(receive && streams !== undefined ? { sourceNames: Object.values(streams).map((stream) => stream.name) } : {}),
    ...(receive ? { routes: routes({ streams, mirror: mirrorTo, mapping: mapping?.incoming, echo, news: createNews() }) } : {}),
    ...(sources.length === 0 ? {} : { sources }),
    ...(options.sink === undefined && memberships === undefined ? {} : { sink: sink({ options: options.sink, memberships, mapping: mapping?.outgoing, tag }) }),
    ...(hasEraser ? { eraser: eraser({ options: options.eraser ?? {}, bigquery, memberships, project, clients }) } : {}),
    start(context) {
      refuseEmulators(process.env)
      if (receive && streams === undefined) context.log.warn(`${name}: any stream is let in; name the allowed ones in firebase({ streams })`)
    },
    stop: () => clients.close(),
    probe: () => probe(options),
  }
}

function sourcesOf(options: FirebaseOptions, { name, clients, echo }: { name: string; clients: GoogleClients; echo: string | undefined }): readonly Source[] {
  const { bigquery, firestore = {}, auth, google, mapping } = options
  return [
    ...(bigquery === undefined
      ? []
      : [bigQuerySource({ options: bigquery, clients, project: google?.project ?? '', source: `${name}:bigquery`, echo, mapping: mapping?.incoming })]),
    ...Object.entries(firestore).map(([path, collection]) => firestoreSource(clients, path, collection, `${name}:firestore`, echo)),
    ...(auth === undefined ? [] : [authSource(clients, `${name}:auth`, auth)]),
  ]
}
