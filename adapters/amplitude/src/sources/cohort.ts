import type { CanonicalEvent, Json, PluginContext, Source, SourcePage } from '@waymark/core'
import { isObject } from '@waymark/core'
import { parseJson, post } from '@waymark/kit'
import { parse } from 'csv-parse/sync'
import { membershipEvent } from '../cohort.ts'
import type { Rest, RestAnswer } from '../rest.ts'

/** Amplitude counts 60 requests in ten minutes and 500 a month: one cohort in an hour and a half takes all of it. */
const EVERY = 2 * 3_600_000
const ASK_AGAIN = 10_000
const ASK_AT_LEAST = 10 * 60_000
/** Of the file of members: more than a million of them. Half a file would be read as everybody else having left. */
const FILE_BYTES = 64 * 1024 * 1024
/** For that file, in milliseconds. */
const FILE_TIMEOUT = 120_000

/** Who was in the cohort by the last pull, and the request that is under way. */
interface Place {
  readonly members: readonly string[]
  readonly request?: string
}

/**
 * Fetches who is in a cohort: asks for it, waits until it is computed, and tells who came and who left since the last time. Only users
 * with an id count. The cursor holds the members, so a cohort of a million users is better sent by the cohort webhook.
 */
export function cohortSource(parts: { readonly id: string; readonly rest: Rest; readonly source: string }): Source {
  const { id, rest, source } = parts
  return {
    name: `cohort.${id}`,
    every: EVERY,
    async *pull(cursor, context) {
      const { members, request: underWay } = placeIn(cursor)
      const asked = underWay ?? (await request(rest, id, context))
      const waiting: SourcePage = { events: [], cursor: { members, request: asked }, progress: `cohort ${id}: it is being computed` }
      if (underWay === undefined) yield { ...waiting, pauseMs: ASK_AGAIN }
      for (let pauseMs = ASK_AGAIN * 2; !context.signal.aborted; pauseMs = Math.min(pauseMs * 2, ASK_AT_LEAST)) {
        const status = await rest.ask(`/api/5/cohorts/request-status/${encodeURIComponent(asked)}`, {}, context)
        if (status.kind === 'failed') {
          // Requests are forgotten after a while: begin anew.
          yield { events: [], cursor: { members }, progress: `cohort ${id}: ${status.reason}` }
          return
        }
        if (expect(status).status !== 202) break
        yield { ...waiting, pauseMs }
      }
      if (context.signal.aborted) return
      const found = new Set(usersIn(await file(rest, asked, context)))
      const now = context.clock.now()
      const changed = (users: readonly string[], isIn: boolean): CanonicalEvent[] =>
        users.map((userId) =>
          membershipEvent({ cohort: id, userId, isIn, at: now, messageId: `${asked}::${isIn ? 'enter' : 'exit'}::${userId}`, source, receivedAt: now }),
        )
      const before = new Set(members)
      const entered = [...found].filter((user) => !before.has(user))
      const left = members.filter((user) => !found.has(user))
      yield {
        events: [...changed(entered, true), ...changed(left, false)],
        cursor: { members: [...found] },
        progress: `cohort ${id}: ${found.size} members, ${entered.length} came and ${left.length} left`,
      }
    },
  }
}

async function request(rest: Rest, id: string, context: PluginContext): Promise<string> {
  const answer = expect(await rest.ask(`/api/5/cohorts/request/${encodeURIComponent(id)}`, { query: { props: '0' } }, context))
  const asked = isObject(answer.json) ? answer.json['request_id'] : undefined
  if (typeof asked !== 'string') throw new Error(`Amplitude gave no request_id for cohort ${id}: ${answer.text.slice(0, 200)}`)
  return asked
}

/** The file, or where it lies for a minute: there our keys are nobody's business. */
async function file(rest: Rest, asked: string, context: PluginContext): Promise<string> {
  const limits = { mostBytes: FILE_BYTES, timeout: FILE_TIMEOUT }
  const answer = expect(await rest.ask(`/api/5/cohorts/request/${encodeURIComponent(asked)}/file`, limits, context))
  const location = answer.headers.get('location')
  if (answer.status < 300 || location === null) return answer.text
  const there = await post({ url: new URL(location, rest.url('/')), method: 'GET', ...limits }, context)
  if (there.kind === 'silent' || there.status !== 200) {
    throw new Error(`the members could not be fetched from where Amplitude put them: ${there.kind === 'silent' ? there.reason : there.status}`)
  }
  if (!there.isWhole) throw new Error(`the file of members has more than ${FILE_BYTES} bytes; have Amplitude send this cohort by its webhook`)
  return there.body
}

/** A table with a column `user_id`; or JSON with a list of users. */
function usersIn(text: string): readonly string[] {
  const json = parseJson(Buffer.from(text))
  const listed = isObject(json) ? (json['users'] ?? json['user_ids']) : json
  const rows: unknown[] = Array.isArray(listed) ? listed : parse(text, { columns: true, bom: true, skip_empty_lines: true, relax_column_count: true })
  return rows.map((row) => (isObject(row) ? row['user_id'] : row)).filter((user): user is string => typeof user === 'string' && user !== '')
}

function expect(answer: RestAnswer): Extract<RestAnswer, { kind: 'ok' }> {
  if (answer.kind === 'ok') return answer
  throw new Error(answer.reason)
}

function placeIn(cursor: Json | undefined): Place {
  const members = isObject(cursor) && Array.isArray(cursor['members']) ? cursor['members'].filter((one) => typeof one === 'string') : []
  const asked = isObject(cursor) ? cursor['request'] : undefined
  return { members, ...(typeof asked === 'string' ? { request: asked } : {}) }
}
