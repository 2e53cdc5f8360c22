import { optionChecks } from '@waymark/kit'

export interface SegmentOptions {
  /** The plugin's name. Default `segment`; a second one in the same config needs another. */
  readonly name?: string
  /** Serve the tracking endpoints and the browser settings. Default true; false makes a plugin that only delivers. */
  readonly receive?: boolean
  /**
   * The write keys that are let in, each with the name of its source, or a list of keys that are their own names.
   * Default: any key is let in and becomes the source's name, which is meant for development on one machine.
   */
  readonly writeKeys?: Readonly<Record<string, string>> | readonly string[]
  /** The address that browsers see, where a proxy stands in between: `https://in.example.com`. Default: that of the request. */
  readonly publicUrl?: string
  /** Hands every event on to Segment. Default: nothing is sent. */
  readonly sink?: SegmentSinkOptions
}

export interface SegmentSinkOptions {
  readonly writeKey: string
  /** Scheme and host, without a path. Default `https://api.segment.io`; a workspace in the EU needs `https://events.eu1.segmentapis.com`. */
  readonly host?: string
  /** Default `/v1/batch`. */
  readonly path?: string
  /** How long one request may take, in milliseconds. Default 10,000. */
  readonly timeout?: number
}

const { expectKnown, expectName, expectPositive, expectText, expectUrl, wrong } = optionChecks('segment')

/** Throws a `WaymarkError` that names the option and how to mend it. */
export function checkOptions(options: SegmentOptions): void {
  expectKnown(options, ['name', 'receive', 'writeKeys', 'publicUrl', 'sink'])
  expectName(options.name)
  if (options.publicUrl !== undefined) expectUrl('publicUrl', options.publicUrl)
  checkKeys(options.writeKeys)
  if (options.sink !== undefined) checkSink(options.sink)
}

function checkSink(sink: SegmentSinkOptions): void {
  expectKnown(sink, ['writeKey', 'host', 'path', 'timeout'], 'sink.')
  expectText('sink.writeKey', sink.writeKey, 'copy it from the source in Segment: Settings > API Keys')
  if (sink.host !== undefined && expectUrl('sink.host', sink.host).pathname !== '/') {
    throw wrong('sink.host', `'${sink.host}' holds a path, which would be ignored`, 'give the path in sink.path')
  }
  if (sink.path !== undefined && !sink.path.startsWith('/')) throw wrong('sink.path', `'${sink.path}' does not begin with /`, `write '/${sink.path}'`)
  expectPositive('sink.timeout', sink.timeout, 'give milliseconds, such as 10_000')
}

function checkKeys(writeKeys: SegmentOptions['writeKeys']): void {
  if (writeKeys === undefined) return
  const entries = Object.entries(writeKeys)
  const mend = "write { 'the-key': 'web' }, or leave writeKeys out to let any key in"
  if (entries.length === 0) throw wrong('writeKeys', 'it is empty, so nothing could come in', mend)
  for (const [key, name] of entries) {
    if (key === '' || typeof name !== 'string' || name === '') throw wrong('writeKeys', 'a key or a name is empty', mend)
  }
}
