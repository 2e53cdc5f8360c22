import type { Sink } from '@waymark/core'
import { type Mapping, type MirrorOptions, optionChecks, type Senders } from '@waymark/kit'
import { HOSTS, type Region } from './hosts.ts'

export interface SegmentOptions {
  /** The plugin's name. Default `segment`; a second one in the same config needs another. */
  readonly name?: string
  /** Serve the tracking endpoints and the browser settings. Default true; false makes a plugin that only delivers. */
  readonly receive?: boolean
  /**
   * The write keys that are let in, each with the name of its source, or a list of keys that are their own names.
   * Default: any key is let in and becomes the source's name, which is meant for development on one machine.
   */
  readonly writeKeys?: Senders
  /** The address that browsers see, where a proxy stands in between: `https://in.example.com`. Default: that of the request. */
  readonly publicUrl?: string
  /** Where the workspace is: sets the hosts of sink, mirror and privacy. Default `us`. */
  readonly region?: Region
  /**
   * Passes each request that was taken on to Segment, byte for byte, so that Segment keeps getting what it got before. Its host may be named:
   * `{ to: 'https://…' }`. Default false. The sources of what came that way are named `<name>:<source>`, and the sink does not send it a second time.
   */
  readonly mirror?: boolean | Partial<MirrorOptions>
  /** Takes what Segment itself sends, at `/segment/webhook`: events, audiences, computed traits, deletions. Default: nothing. */
  readonly webhook?: SegmentWebhookOptions
  /** The user's own mapping of single events. */
  readonly mapping?: Mapping
  /** Has Segment forget whom the host is told to forget. Default: it is not told. */
  readonly privacy?: SegmentPrivacyOptions
  /** Hands every event on to Segment. Default: nothing is sent. */
  readonly sink?: SegmentSinkOptions
}

export interface SegmentSinkOptions {
  readonly writeKey: string
  /** Scheme and host, without a path. Default: that of the region. */
  readonly host?: string
  /** Default `/v1/batch`. */
  readonly path?: string
  /** How long one request may take, in milliseconds. Default 10,000. */
  readonly timeout?: number
  /** What Waymark finds out and Segment is told too: memberships as traits, decisions as track events. Default: nothing. */
  readonly learned?: NonNullable<Sink['learned']>
}

export interface SegmentWebhookOptions {
  /** The shared secret of the webhook in Segment. */
  readonly secret: string
  /**
   * A batch that Segment has signed by its first event alone, as it does: `refuse` it (default), or take it as a whole, `first-signed`. Its other
   * events are then vouched for by nobody, unless a header is.
   */
  readonly batches?: 'refuse' | 'first-signed'
  /** A header of your own, set in Segment too, that has to come with each request. */
  readonly header?: { readonly name: string; readonly value: string }
  /** What its events have for a source. Default `<name>:webhook`, which is not handed on to Segment again. */
  readonly source?: string
}

export interface SegmentPrivacyOptions {
  /** A token of Segment's Public API, with the right to make regulations. */
  readonly token: string
  /** Scheme and host of the Public API. Default: that of the region. */
  readonly host?: string
}

const { expectKnown, expectMapping, expectMirror, expectName, expectPositive, expectSenders, expectText, expectUrl, wrong } = optionChecks('segment')

/** Throws a `WaymarkError` that names the option and how to mend it. */
export function checkOptions(options: SegmentOptions): void {
  expectKnown(options, ['name', 'receive', 'writeKeys', 'publicUrl', 'region', 'mirror', 'webhook', 'mapping', 'privacy', 'sink'])
  expectName(options.name)
  if (options.publicUrl !== undefined) expectUrl('publicUrl', options.publicUrl)
  expectSenders('writeKeys', options.writeKeys)
  expectMapping(options.mapping)
  expectMirror(options.mirror)
  if (options.region !== undefined && !Object.hasOwn(HOSTS, options.region)) throw wrong('region', `'${options.region}' is none`, "write 'us' or 'eu'")
  if (options.webhook !== undefined) checkWebhook(options.webhook)
  if (options.privacy !== undefined) checkPrivacy(options.privacy)
  if (options.sink !== undefined) checkSink(options.sink)
}

function checkWebhook(webhook: SegmentWebhookOptions): void {
  expectKnown(webhook, ['secret', 'batches', 'header', 'source'], 'webhook.')
  expectText('webhook.secret', webhook.secret, 'copy it from the webhook in Segment: Shared Secret')
  const { batches, header, source } = webhook
  if (batches !== undefined && batches !== 'refuse' && batches !== 'first-signed') {
    throw wrong('webhook.batches', `'${String(batches)}' is no policy`, "write 'refuse' or 'first-signed'")
  }
  if (header !== undefined) {
    expectText('webhook.header.name', header.name, "write { name: 'x-my-secret', value: '…' }")
    expectText('webhook.header.value', header.value, "write { name: 'x-my-secret', value: '…' }")
  }
  if (source !== undefined) expectText('webhook.source', source, 'leave it out, or give it a name')
}

function checkPrivacy(privacy: SegmentPrivacyOptions): void {
  expectKnown(privacy, ['token', 'host'], 'privacy.')
  expectText('privacy.token', privacy.token, 'make one in Segment: Settings > Access management > Tokens')
  if (privacy.host !== undefined) expectUrl('privacy.host', privacy.host)
}

function checkSink(sink: SegmentSinkOptions): void {
  expectKnown(sink, ['writeKey', 'host', 'path', 'timeout', 'learned'], 'sink.')
  expectText('sink.writeKey', sink.writeKey, 'copy it from the source in Segment: Settings > API Keys')
  if (sink.host !== undefined && expectUrl('sink.host', sink.host).pathname !== '/') {
    throw wrong('sink.host', `'${sink.host}' holds a path, which would be ignored`, 'give the path in sink.path')
  }
  if (sink.path !== undefined && !sink.path.startsWith('/')) throw wrong('sink.path', `'${sink.path}' does not begin with /`, `write '/${sink.path}'`)
  for (const one of sink.learned ?? []) {
    if (one !== 'memberships' && one !== 'decisions') throw wrong('sink.learned', `'${String(one)}' is nothing to learn`, "write ['memberships', 'decisions']")
  }
  expectPositive('sink.timeout', sink.timeout, 'give milliseconds, such as 10_000')
}
