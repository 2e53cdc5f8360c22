import type { Mapping, MirrorOptions, Senders } from '@waymark/kit'
import { optionChecks } from '@waymark/kit'
import type { Region } from './hosts.ts'
import { HOSTS } from './hosts.ts'
import type { UploadApi } from './limits.ts'
import type { RestOptions } from './rest.ts'

export interface AmplitudeOptions {
  /** The plugin's name. Default `amplitude`; a second one in the same config needs another. */
  readonly name?: string
  /** Serve the endpoints that Amplitude's SDKs send to. Default true. */
  readonly receive?: boolean
  /**
   * The API keys that are let in, each with the name of its source, or a list of keys that are their own names.
   * Default: any key is let in and becomes the source's name, which is meant for development on one machine.
   */
  readonly apiKeys?: Senders
  /** Where the project's data is kept. Default `us`. */
  readonly region?: Region
  /** Passes every request on to Amplitude as it came. Default: none. What was passed on is not delivered again. */
  readonly mirror?: boolean | Partial<MirrorOptions>
  /** The header in which a proxy of yours, and nobody else, writes the address of the sender. Default: none, and `$remote` is left out. */
  readonly addressHeader?: string
  /** Amplitude's name for the kind of group that a `groupId` is of. Default `group`. */
  readonly groupType?: string
  /** Other names, forms or none at all for single events. */
  readonly mapping?: Mapping
  /** Hands every event on to Amplitude. Default: nothing is sent. */
  readonly sink?: AmplitudeSinkOptions
  /** The keys for `export`, `cohorts`, `erase` and `sink.cohorts`. */
  readonly rest?: RestOptions
  /** Fetches the project's raw events, hour by hour. Default: none. */
  readonly export?: boolean | ExportOptions
  /** Ids of cohorts whose members are fetched. Default: none. */
  readonly cohorts?: readonly string[]
  /** Takes in what Amplitude sends: cohorts and events. Default: none. */
  readonly webhooks?: WebhookOptions
  /** Has users deleted at Amplitude when they are erased here. Default: none. */
  readonly erase?: boolean | EraseOptions
}

export interface AmplitudeSinkOptions {
  readonly apiKey: string
  /** `httpapi`: 30 events a second for each user. `batch`: 1000, and half a million a day. Default `httpapi`. */
  readonly api?: UploadApi
  /** Scheme and host. Default: Amplitude's, of the region. */
  readonly host?: string
  /** How long one request may take, in milliseconds. Default 10,000. */
  readonly timeout?: number
  /** Ids shorter than this are not sent. Default 1, which Amplitude is told; its own is 5. */
  readonly minIdLength?: number
  /** What Waymark finds out is sent too. Default both. */
  readonly learned?: readonly ('memberships' | 'decisions')[]
  /** Aliases go to the User Mapping API, an add-on. Default false: both ids are sent on one event, which joins a device to its user. */
  readonly usermap?: boolean
  /** Cohorts that follow segments: `{ 'engagement/engaged': 'cohort id' }`. Needs `rest`. Default: none. */
  readonly cohorts?: Readonly<Record<string, string>>
}

export interface ExportOptions {
  /** The first hour to fetch, in epoch milliseconds. Default: a day before the first pull. */
  readonly since?: number
  /** Milliseconds that an hour is fetched after its end: Amplitude needs two hours. Default 7,200,000. */
  readonly lag?: number
  /** Hours before the last one that are fetched again, for events that came late. Default 1. */
  readonly overlap?: number
  /** Milliseconds from one pull to the next. Default 900,000. */
  readonly every?: number
}

export interface WebhookOptions {
  /** What the custom header of the webhook holds. */
  readonly secret: string
  /** The custom header. Default `authorization`. */
  readonly header?: string
}

export interface EraseOptions {
  /** Who asks, as Amplitude's records have it. Default `waymark`. */
  readonly requester?: string
  /** From all projects of the organization. Default false: from this one. */
  readonly fromOrganization?: boolean
}

const KNOWN: readonly (keyof AmplitudeOptions)[] = [
  ...(['name', 'receive', 'apiKeys', 'region', 'mirror', 'addressHeader', 'groupType', 'mapping', 'sink'] as const),
  ...(['rest', 'export', 'cohorts', 'webhooks', 'erase'] as const),
]
const NESTED: Readonly<Record<string, readonly string[]>> = {
  sink: ['apiKey', 'api', 'host', 'timeout', 'minIdLength', 'learned', 'usermap', 'cohorts'],
  rest: ['apiKey', 'secretKey', 'host', 'timeout'],
  export: ['since', 'lag', 'overlap', 'every'],
  webhooks: ['secret', 'header'],
  erase: ['requester', 'fromOrganization'],
}

const { expectKnown, expectMapping, expectMirror, expectName, expectPositive, expectSenders, expectText, expectUrl, wrong } = optionChecks('amplitude')
const MILLISECONDS = 'give milliseconds, such as 10_000'

/** Throws a `WaymarkError` that names the option and how to mend it. */
export function checkOptions(options: AmplitudeOptions): void {
  expectKnown(options, KNOWN)
  for (const [option, known] of Object.entries(NESTED)) {
    const nested = options[option as keyof AmplitudeOptions]
    if (typeof nested === 'object') expectKnown(nested, known, `${option}.`)
  }
  expectName(options.name)
  if (options.region !== undefined && !Object.hasOwn(HOSTS, options.region)) throw wrong('region', `'${options.region}' is none`, "write 'us' or 'eu'")
  expectSenders('apiKeys', options.apiKeys)
  expectMapping(options.mapping)
  expectMirror(options.mirror)
  if (options.sink !== undefined) checkSink(options.sink)
  checkRest(options)
  if (typeof options.export === 'object') checkExport(options.export)
  if (options.webhooks !== undefined) expectText('webhooks.secret', options.webhooks.secret, 'give the value of the custom header that the webhook sends')
}

function checkSink(sink: AmplitudeSinkOptions): void {
  expectText('sink.apiKey', sink.apiKey, 'copy it from Amplitude: Settings > Projects')
  if (sink.host !== undefined) checkHost('sink.host', sink.host)
  if (sink.api !== undefined && sink.api !== 'httpapi' && sink.api !== 'batch') throw wrong('sink.api', `'${sink.api}' is none`, "write 'httpapi' or 'batch'")
  expectPositive('sink.timeout', sink.timeout, MILLISECONDS)
  expectPositive('sink.minIdLength', sink.minIdLength, 'give 1 or more')
  for (const key of Object.keys(sink.cohorts ?? {})) {
    if (!/^[^/]+\/[^/]+$/.test(key)) throw wrong('sink.cohorts', `'${key}' names no member of a segment`, "write { 'engagement/engaged': 'cohort id' }")
  }
}

function checkRest(options: AmplitudeOptions): void {
  const { rest } = options
  const needing = [
    ...(['export', 'cohorts', 'erase'] as const).filter((option) => options[option] !== undefined && options[option] !== false),
    ...(options.sink?.cohorts === undefined ? [] : ['sink.cohorts']),
  ]
  if (rest === undefined) {
    if (needing.length > 0)
      throw wrong('rest', `it is missing, and ${needing[0]} needs it`, 'give rest: { apiKey, secretKey } from Amplitude: Settings > Projects')
    return
  }
  for (const key of ['apiKey', 'secretKey'] as const) expectText(`rest.${key}`, rest[key], 'copy it from Amplitude: Settings > Projects')
  if (rest.host !== undefined) checkHost('rest.host', rest.host)
  expectPositive('rest.timeout', rest.timeout, MILLISECONDS)
}

/** A day as text would be taken for no number at all, and nothing would ever be fetched. */
function checkExport({ since, lag, overlap, every }: ExportOptions): void {
  if (since !== undefined && !Number.isFinite(since)) throw wrong('export.since', `'${since}' is not epoch milliseconds`, 'write Date.UTC(2026, 0, 31)')
  for (const [option, value] of Object.entries({ lag, overlap })) {
    if (value !== undefined && !(value >= 0)) throw wrong(`export.${option}`, `${value} is not a number from 0 on`, 'leave it out for the default')
  }
  expectPositive('export.every', every, MILLISECONDS)
}

function checkHost(option: string, host: string): void {
  if (expectUrl(option, host).pathname !== '/') throw wrong(option, `'${host}' holds a path, which would be ignored`, 'give scheme and host alone')
}
