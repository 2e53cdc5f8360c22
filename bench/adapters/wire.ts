import { amplitude } from '@waymark/adapter-amplitude'
import { firebase } from '@waymark/adapter-firebase'
import { mixpanel } from '@waymark/adapter-mixpanel'
import { segment } from '@waymark/adapter-segment'
import type { CanonicalEvent, Plugin } from '@waymark/core'

/** One vendor's way of sending: its plugin, and the bodies that bring events. */
export interface Wire {
  readonly plugin: Plugin
  /** Path and query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Most events in one request. */
  readonly most: number
  /** Whether the events of a request are all of one user; else of any. */
  readonly isOfOneUser?: boolean
  body(events: readonly CanonicalEvent[]): unknown
}

const basic = (user: string): Record<string, string> => ({ authorization: `Basic ${Buffer.from(`${user}:`).toString('base64')}` })

export const WIRES: Readonly<Record<string, Wire>> = {
  segment: {
    plugin: segment({ writeKeys: { WK: 'web' } }),
    path: '/v1/batch',
    headers: basic('WK'),
    most: 1_000,
    body: (events) => ({
      batch: events.map(({ type, event, messageId, userId, timestamp, properties, context }) => ({
        ...{ type, event, messageId, userId, properties, context },
        timestamp: new Date(timestamp).toISOString(),
      })),
    }),
  },
  mixpanel: {
    plugin: mixpanel({ tokens: { TOK: 'web' } }),
    path: '/import?strict=1',
    headers: basic('TOK'),
    most: 1_000,
    body: (events) =>
      events.map(({ event, messageId, userId, timestamp, properties }) => ({
        event,
        properties: {
          token: 'TOK',
          time: timestamp,
          distinct_id: userId,
          $user_id: userId,
          $insert_id: messageId,
          mp_lib: 'bench',
          $lib_version: '1',
          ...properties,
        },
      })),
  },
  amplitude: {
    plugin: amplitude({ apiKeys: { AK: 'web' } }),
    path: '/2/httpapi',
    most: 1_000,
    body: (events) => ({
      api_key: 'AK',
      events: events.map(({ event, messageId, userId, timestamp, properties }) => ({
        ...{ event_type: event, user_id: userId, insert_id: messageId, time: timestamp, library: 'bench/1', event_properties: properties },
      })),
    }),
  },
  ga4: {
    plugin: firebase({ streams: { 'G-BENCH': { name: 'web', apiSecret: 's' } } }),
    path: '/mp/collect?measurement_id=G-BENCH&api_secret=s',
    most: 25,
    isOfOneUser: true,
    body: (events) => ({
      client_id: '1234567890.1234567890',
      user_id: events[0]?.userId,
      events: events.map(({ event, timestamp, properties }) => ({ name: event, timestamp_micros: timestamp * 1_000, params: properties })),
    }),
  },
}
