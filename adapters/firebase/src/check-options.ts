import { optionChecks } from '@waymark/kit'
import type { FirebaseOptions } from './options.ts'

const { wrong, expectKnown, expectMapping, expectMirror, expectName, expectText, expectUrl, expectPositive } = optionChecks('firebase')

const KNOWN = ['name', 'receive', 'streams', 'mirror', 'mapping', 'google', 'sink', 'memberships', 'bigquery', 'firestore', 'auth', 'eraser']
const NESTED = {
  google: ['project', 'keyFile', 'credentials', 'accessToken'],
  sink: ['streams', 'region', 'host', 'timeout', 'validate', 'resend', 'late', 'learned', 'instanceOf'],
  memberships: ['collection'],
  bigquery: ['dataset', 'from', 'again', 'intraday', 'every', 'pageRows', 'maximumBytesBilled', 'location', 'apiEndpoint'],
  auth: ['every', 'removed', 'pageUsers'],
  eraser: ['property', 'auth', 'bigquery', 'host'],
} as const

const SECRET = 'make one under Admin > Data streams > Measurement Protocol API secrets'

/** Throws a `WaymarkError` that names the option and how to mend it. */
export function checkOptions(options: FirebaseOptions): void {
  expectKnown(options, KNOWN)
  for (const [option, known] of Object.entries(NESTED)) {
    const nested = options[option as keyof typeof NESTED]
    if (nested !== undefined) expectKnown(nested, known, `${option}.`)
  }
  expectMirror(options.mirror)
  expectMapping(options.mapping)
  expectName(options.name)
  checkStreams(options.streams)
  checkSink(options.sink)
  checkGoogle(options)
}

function checkStreams(streams: FirebaseOptions['streams']): void {
  if (streams === undefined) return
  if (Object.keys(streams).length === 0) throw wrong('streams', 'it is empty, so nothing could come in', 'leave it out to let any stream in')
  for (const [id, stream] of Object.entries(streams)) {
    expectKnown(stream, ['name', 'apiSecret'], `streams['${id}'].`)
    expectText(`streams['${id}'].name`, stream.name, 'name the source of its events')
    for (const secret of [stream.apiSecret].flat()) expectText(`streams['${id}'].apiSecret`, secret, SECRET)
  }
}

function checkSink(sink: FirebaseOptions['sink']): void {
  if (sink === undefined) return
  const streams = Object.entries(sink.streams ?? {})
  if (streams.length === 0) throw wrong('sink.streams', 'it is missing', "write { 'G-…': 'its API secret' }, or a firebase_app_id in place of 'G-…'")
  for (const [id, secret] of streams) expectText(`sink.streams['${id}']`, secret, SECRET)
  if (sink.host !== undefined) expectUrl('sink.host', sink.host)
  if (sink.host !== undefined && sink.region !== undefined) throw wrong('sink.region', 'sink.host says already where to send', 'leave one of the two out')
  if (sink.region !== undefined && sink.region !== 'eu') throw wrong('sink.region', `'${String(sink.region)}' is no region`, "write 'eu', or leave it out")
  if (sink.late !== undefined && !['mark', 'reject'].includes(sink.late))
    throw wrong('sink.late', `'${String(sink.late)}' is not known`, "write 'mark' or 'reject'")
  for (const one of sink.learned ?? []) {
    if (one !== 'memberships' && one !== 'decisions') throw wrong('sink.learned', `'${String(one)}' is nothing to learn`, "write ['memberships', 'decisions']")
  }
  expectPositive('sink.timeout', sink.timeout, 'give milliseconds, such as 10_000')
}

function checkGoogle(options: FirebaseOptions): void {
  const { google, bigquery, firestore, auth, eraser, memberships } = options
  const asking = Object.entries({ bigquery, firestore, auth, memberships, eraser }).flatMap(([option, value]) => (value === undefined ? [] : [option]))
  if (google === undefined && asking.length > 0)
    throw wrong('google', `it is missing, and ${asking[0]} needs it`, "name the project: google: { project: 'my-project' }")
  if (google !== undefined) expectText('google.project', google.project, 'name the project of Google Cloud')
  if (bigquery !== undefined) {
    expectText('bigquery.dataset', bigquery.dataset, "it is called 'analytics_' and the property's number")
    if (!/^\w+$/.test(bigquery.dataset)) throw wrong('bigquery.dataset', `'${bigquery.dataset}' is no dataset`, 'it has letters, digits and underscores only')
    if (bigquery.from !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(bigquery.from))
      throw wrong('bigquery.from', `'${bigquery.from}' is no day`, "write it as '2026-05-01'")
    if (bigquery.apiEndpoint !== undefined) expectUrl('bigquery.apiEndpoint', bigquery.apiEndpoint)
    for (const option of ['again', 'every', 'pageRows', 'maximumBytesBilled'] as const)
      expectPositive(`bigquery.${option}`, bigquery[option], 'give a number above zero')
  }
  for (const [path, collection] of Object.entries(firestore ?? {})) {
    expectKnown(collection, ['event', 'user'], `firestore['${path}'].`)
    if (path.split('/').length % 2 === 0) throw wrong('firestore', `'${path}' is the path of a document`, "name a collection: 'users', or 'users/u1/orders'")
    if (typeof collection.event !== 'function') expectText(`firestore['${path}'].event`, collection.event, "name the event that a change is, 'order_changed'")
  }
  if (auth !== undefined) {
    expectPositive('auth.every', auth.every, 'give milliseconds, such as 900_000')
    expectPositive('auth.pageUsers', auth.pageUsers, 'give a number up to 1,000')
  }
  if (eraser?.bigquery === true && bigquery === undefined)
    throw wrong('eraser.bigquery', 'no dataset is named', "name it: bigquery: { dataset: 'analytics_123456789' }")
  if (eraser?.property !== undefined && !/^\d+$/.test(eraser.property))
    throw wrong('eraser.property', `'${eraser.property}' is no property`, 'give its number, as Admin > Property details shows it')
}
