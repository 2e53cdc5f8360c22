import { createRequire } from 'node:module'
import type { ServerDuplexStream, ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js'
import type { Running } from '../../plugin/serve.ts'

type Fields = Record<string, unknown>
interface Stored {
  readonly name: string
  readonly fields: Fields
  readonly createTime: Time
  readonly updateTime: Time
}
interface Time {
  readonly seconds: string
  readonly nanos: number
}
interface Write {
  readonly update?: { readonly name: string; readonly fields?: Fields }
  readonly delete?: string
  readonly updateMask?: { readonly fieldPaths?: readonly string[] }
}
interface Target {
  readonly targetId: number
  readonly query?: { readonly parent: string; readonly structuredQuery: { readonly from: readonly { readonly collectionId: string }[] } }
}
type Listener = ServerDuplexStream<{ readonly addTarget?: Target; readonly removeTarget?: number }, object>

/** Firestore on this machine: Commit, BatchGetDocuments and Listen over gRPC, as the client's own protos say. Point `FIRESTORE_EMULATOR_HOST` to `host`. */
export interface FakeFirestore extends Running {
  /** Without a scheme: `127.0.0.1:40123`. */
  readonly host: string
  /** Paths of all documents: `users/u1`. */
  readonly paths: () => readonly string[]
  /** Fields of a document, in Firestore's own writing; undefined when it is not there. */
  readonly fieldsOf: (path: string) => Fields | undefined
  /** Ends all listeners with an error that the client does not mend by itself. */
  readonly breakListeners: () => void
}

const PERMISSION_DENIED = 7

/** Needs `@grpc/grpc-js`, `@grpc/proto-loader` and `@google-cloud/firestore` beside it: all come with `firebase-admin`. */
export async function fakeFirestore(): Promise<FakeFirestore> {
  const grpc = await import('@grpc/grpc-js')
  const loader = await import('@grpc/proto-loader')
  const require = createRequire(import.meta.url)
  const protos = require('@google-cloud/firestore/build/protos/v1.json') as Parameters<typeof loader.fromJSON>[0]
  const definition = loader.fromJSON(protos, { longs: String, enums: String, oneofs: true })
  const service = definition['google.firestore.v1.Firestore'] as unknown as import('@grpc/grpc-js').ServiceDefinition

  const documents = new Map<string, Stored>()
  const targets = new Map<Listener, Target>()
  let ticks = 0
  function now(): Time {
    ticks += 1
    return { seconds: '1767355200', nanos: ticks }
  }

  function commit(call: ServerUnaryCall<{ readonly writes?: readonly Write[] }, object>, answer: sendUnaryData<object>): void {
    const at = now()
    const writes = call.request.writes ?? []
    const before = new Map(documents)
    for (const write of writes) apply(documents, write, at)
    for (const [listener, target] of targets) tell(listener, target, before, at)
    answer(null, { writeResults: writes.map(() => ({ updateTime: at })), commitTime: at })
  }

  function tell(listener: Listener, target: Target, before: ReadonlyMap<string, Stored>, at: Time): void {
    const changed = [...documents.values()].filter((document) => isIn(document.name, target) && before.get(document.name) !== document)
    const gone = [...before.keys()].filter((name) => isIn(name, target) && !documents.has(name))
    for (const document of changed) listener.write({ documentChange: { document, targetIds: [target.targetId] } })
    for (const name of gone) listener.write({ documentDelete: { document: name, readTime: at, removedTargetIds: [target.targetId] } })
    if (changed.length + gone.length > 0)
      listener.write({ targetChange: { targetChangeType: 'NO_CHANGE', targetIds: [], readTime: at, resumeToken: Buffer.from('r') } })
  }

  function batchGet(call: ServerWritableStream<{ readonly documents?: readonly string[] }, object>): void {
    const readTime = now()
    for (const name of call.request.documents ?? []) {
      const found = documents.get(name)
      call.write(found === undefined ? { missing: name, readTime } : { found, readTime })
    }
    call.end()
  }

  function listen(call: Listener): void {
    call.on('data', ({ addTarget }: { addTarget?: Target }) => {
      if (addTarget === undefined) return
      const readTime = now()
      const targetIds = [addTarget.targetId]
      targets.set(call, addTarget)
      call.write({ targetChange: { targetChangeType: 'ADD', targetIds } })
      for (const document of documents.values()) if (isIn(document.name, addTarget)) call.write({ documentChange: { document, targetIds } })
      call.write({ targetChange: { targetChangeType: 'CURRENT', targetIds, readTime, resumeToken: Buffer.from('r') } })
      call.write({ targetChange: { targetChangeType: 'NO_CHANGE', targetIds: [], readTime, resumeToken: Buffer.from('r') } })
    })
    call.on('end', () => {
      targets.delete(call)
      call.end()
    })
    call.on('error', () => targets.delete(call))
    call.on('cancelled', () => targets.delete(call))
  }

  const server = new grpc.Server()
  server.addService(service, { Commit: commit, BatchGetDocuments: batchGet, Listen: listen } as unknown as import('@grpc/grpc-js').UntypedServiceImplementation)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => (error === null ? resolve(bound) : reject(error)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    paths: () => [...documents.keys()].map(pathOf),
    fieldsOf: (path) => [...documents.values()].find(({ name }) => pathOf(name) === path)?.fields,
    breakListeners() {
      const cause = { code: PERMISSION_DENIED, message: 'not allowed any more' }
      for (const [listener, { targetId }] of targets) listener.write({ targetChange: { targetChangeType: 'REMOVE', targetIds: [targetId], cause } })
      targets.clear()
    },
    stop: async () => server.forceShutdown(),
  }
}

function apply(documents: Map<string, Stored>, write: Write, at: Time): void {
  if (write.delete !== undefined) documents.delete(write.delete)
  if (write.update === undefined) return
  const { name, fields = {} } = write.update
  const before = documents.get(name)
  const paths = write.updateMask?.fieldPaths
  const merged = paths === undefined ? fields : paths.reduce((all, path) => withField(all, path.split('.'), fields), before?.fields ?? {})
  documents.set(name, { name, fields: merged, createTime: before?.createTime ?? at, updateTime: at })
}

/** The fields with the one at the path as it is in `from`. */
function withField(fields: Fields, [first = '', ...rest]: readonly string[], from: Fields): Fields {
  const key = first.replace(/^`(.*)`$/, '$1')
  if (rest.length === 0) return { ...fields, [key]: from[key] }
  return { ...fields, [key]: { valueType: 'mapValue', mapValue: { fields: withField(inside(fields[key]), rest, inside(from[key])) } } }
}

function inside(value: unknown): Fields {
  return (value as { mapValue?: { fields?: Fields } } | undefined)?.mapValue?.fields ?? {}
}

function isIn(name: string, { query }: Target): boolean {
  const collection = query?.structuredQuery.from[0]?.collectionId
  return name.slice(0, name.lastIndexOf('/')) === `${query?.parent}/${collection}`
}

function pathOf(name: string): string {
  return name.slice(name.indexOf('/documents/') + '/documents/'.length)
}
