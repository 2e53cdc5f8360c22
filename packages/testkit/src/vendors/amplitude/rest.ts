import { isObject } from '@waymark/core'
import type { VendorAnswer, VendorRequest } from '../vendor-server.ts'

/** A day's deletions. */
export interface Deletion {
  readonly day: string
  status: 'staging' | 'submitted' | 'done'
  readonly amplitude_ids: number[]
}

/** What a project knows besides its events; tests fill it and read it. */
export interface Project {
  /** Amplitude's own ids, by user id and by device id. */
  readonly users: Map<string, number>
  readonly devices: Map<string, number>
  readonly deletions: Deletion[]
  /** The ZIP of each hour, by `20260503T14`. An hour without one has no data. A request takes the hours there are: give them in one. */
  readonly archives: Map<string, Buffer>
  /** More hours than this in one request are too much. */
  tooMuch: number
  /** Who is in a cohort. */
  readonly cohorts: Map<string, readonly string[]>
  /** What was written to the membership API. */
  readonly moves: unknown[]
  /** What was written to the user mapping API. */
  readonly aliases: unknown[]
}

const HOUR = 3_600_000

export function answerRest(request: VendorRequest, project: Project): VendorAnswer {
  const { path, method, query, json } = request
  if (path === '/usermap') {
    project.aliases.push(...(JSON.parse(new URLSearchParams(request.text).get('mapping') ?? '[]') as unknown[]))
    return { status: 200, body: 'success' }
  }
  if (!/^Basic ./.test(request.headers.authorization ?? '')) return { status: 401, body: 'Unauthorized' }
  if (path === '/api/2/deletions/users') return method === 'POST' ? remove(json, project) : { status: 200, body: project.deletions }
  if (path === '/api/2/usersearch') {
    const id = project.devices.get(query.get('user') ?? '') ?? project.users.get(query.get('user') ?? '')
    return { status: 200, body: { matches: id === undefined ? [] : [{ amplitude_id: id }], type: 'match_user_or_device_id' } }
  }
  if (path === '/api/3/cohorts/membership') {
    project.moves.push(json)
    return { status: 200, body: { cohort_id: isObject(json) ? json['cohort_id'] : '', memberships: [] } }
  }
  if (path === '/api/2/export') return exported(query, project)
  return cohort(path, project)
}

/** One unknown id refuses all of them, unless it is to be passed over. */
function remove(json: unknown, project: Project): VendorAnswer {
  const wish = isObject(json) ? json : {}
  const users = Array.isArray(wish['user_ids']) ? (wish['user_ids'] as string[]) : []
  const given = Array.isArray(wish['amplitude_ids']) ? (wish['amplitude_ids'] as number[]) : []
  if (users.length + given.length > 100) return { status: 400, body: { error: 'too many ids' } }
  const unknown = users.filter((user) => !project.users.has(user))
  if (unknown.length > 0 && wish['ignore_invalid_id'] !== 'True') return { status: 400, body: { error: `invalid ids: ${unknown.join()}` } }
  const found = [...new Set([...users.flatMap((user) => project.users.get(user) ?? []), ...given])]
  const today: Deletion = { day: '2026-01-12', status: 'staging', amplitude_ids: found }
  if (found.length > 0) project.deletions.push(today)
  return { status: 200, body: { ...today, ...(unknown.length === 0 ? {} : { invalid_ids: unknown }) } }
}

function exported(query: URLSearchParams, project: Project): VendorAnswer {
  const [start, end] = ['start', 'end'].map((name) => timeOf(query.get(name) ?? '')) as [number, number]
  const hours = Array.from({ length: Math.max(0, (end - start) / HOUR + 1) }, (_, index) => nameOf(start + index * HOUR))
  if (hours.length > project.tooMuch) return { status: 400, body: 'the size of the export is too large' }
  const archive = hours.flatMap((hour) => project.archives.get(hour) ?? [])[0]
  return archive === undefined
    ? { status: 404, body: 'Raw data files were not found' }
    : { status: 200, headers: { 'content-type': 'application/zip' }, body: archive }
}

function cohort(path: string, { cohorts }: Project): VendorAnswer {
  const [, status, request = ''] = /^\/api\/5\/cohorts\/(request-status|request)\/(.+)$/.exec(path) ?? []
  const [id = '', file] = request.split('/')
  if (status === 'request-status') return { status: 200, body: { request_id: id, async_status: 'JOB COMPLETED' } }
  if (file === 'file') return { status: 200, body: ['amplitude_id,user_id', ...(cohorts.get(id) ?? []).map((user, index) => `${index},${user}`)].join('\n') }
  return status === 'request' && cohorts.has(id) ? { status: 202, body: { request_id: id, cohort_id: id } } : { status: 404, body: 'not found' }
}

/** `20260503T14` */
function timeOf(hour: string): number {
  return Date.parse(`${hour.slice(0, 4)}-${hour.slice(4, 6)}-${hour.slice(6, 11)}:00:00Z`)
}

function nameOf(time: number): string {
  return new Date(time).toISOString().slice(0, 13).replaceAll('-', '')
}
