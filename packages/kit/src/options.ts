import { WaymarkError } from '@waymark/core'
import type { EventMapping, Mapping } from './mapping.ts'
import type { MirrorOptions } from './mirror.ts'
import type { Senders } from './senders.ts'

/** Checks of one factory's options. Each throws a `WaymarkError` that names the option and how to mend it. */
export interface OptionChecks {
  /** The error itself, for checks of the adapter's own: `throw wrong('token', 'it is missing', 'copy it from …')`. */
  wrong(option: string, problem: string, mend: string): WaymarkError
  /** A misspelt option must not be taken for none: without keys, say, anybody might be let in. `prefix` is that of a nested object: `sink.`. */
  expectKnown(options: object, known: readonly string[], prefix?: string): void
  /** A name for the plugin: it is a folder of its routes too. */
  expectName(name: string | undefined): void
  expectText(option: string, value: unknown, mend: string): void
  /** An http or https address. */
  expectUrl(option: string, value: string): URL
  /** The option `mapping` as every adapter has it. */
  expectMapping(mapping: Mapping | undefined): void
  /** The option `mirror` as every adapter has it. */
  expectMirror(mirror: boolean | Partial<MirrorOptions> | undefined): void
  /** The option that says who is let in: at least one, and none of it empty. */
  expectSenders(option: string, senders: Senders | undefined): void
  /** A number above zero, when there is one. */
  expectPositive(option: string, value: number | undefined, mend: string): void
}

/** `factory` is the function people call, `mixpanel`; the error code is `MIXPANEL_OPTION_INVALID`. */
export function optionChecks(factory: string): OptionChecks {
  const code = `${factory.toUpperCase()}_OPTION_INVALID`

  function wrong(option: string, problem: string, mend: string): WaymarkError {
    return new WaymarkError(code, `${factory}({ ${option} }): ${problem}; ${mend}`, { place: `${factory}.${option}`, mend })
  }

  function expectKnown(options: object, known: readonly string[], prefix = ''): void {
    for (const option of Object.keys(options)) {
      if (!known.includes(option)) throw wrong(prefix + option, 'there is no such option', `the options are ${known.map((one) => prefix + one).join(', ')}`)
    }
  }

  function expectUrl(option: string, value: string): URL {
    const url = URL.parse(value)
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw wrong(option, `'${value}' is not an http address`, "write it with its scheme, as in 'https://in.example.com'")
    }
    return url
  }

  function expectPositive(option: string, value: number | undefined, mend: string): void {
    if (value !== undefined && !(value > 0)) throw wrong(option, `${value} is not above zero`, mend)
  }

  return {
    wrong,
    expectKnown,
    expectUrl,
    expectPositive,
    expectName(name) {
      if (name !== undefined && !/^[a-z][a-z0-9-]*$/.test(name)) throw wrong('name', `'${name}' is no plugin name`, 'use lower-case letters, digits and dashes')
    },
    expectText(option, value, mend) {
      if (typeof value !== 'string' || value === '') throw wrong(option, 'it is missing', mend)
    },
    expectMapping(mapping = {}) {
      expectKnown(mapping, ['incoming', 'outgoing'], 'mapping.')
      for (const [way, events] of Object.entries(mapping) as [keyof Mapping, EventMapping][]) {
        for (const [event, wish] of Object.entries(events)) {
          if (wish === false || typeof wish === 'function' || (typeof wish === 'string' && wish !== '')) continue
          throw wrong(`mapping.${way}`, `'${event}' is neither a name, nor false, nor a function`, "write { 'Signed Up': 'signed_up', noise: false }")
        }
      }
    },
    expectMirror(mirror) {
      if (typeof mirror !== 'object') return
      expectKnown(mirror, ['to', 'timeout'], 'mirror.')
      if (mirror.to !== undefined) expectUrl('mirror.to', mirror.to)
      expectPositive('mirror.timeout', mirror.timeout, 'give milliseconds, such as 5_000')
    },
    expectSenders(option, senders) {
      if (senders === undefined) return
      const entries = Object.entries(senders)
      const mend = `write ${option}: { 'the-key-itself': 'web' }, or leave it out to let anybody in`
      if (entries.length === 0) throw wrong(option, 'it is empty, so nothing could come in', mend)
      for (const [key, name] of entries) if (key === '' || typeof name !== 'string' || name === '') throw wrong(option, 'a key or a name is empty', mend)
    },
  }
}
