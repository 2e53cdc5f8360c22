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
  /** Requests for the members of a cohort, each with the cohort's id. Its own id is its place here, from 1. */
  readonly requested: string[]
  /** How often yet a request for members is answered as one that is being computed. */
  computing: number
  /** The file of members lies elsewhere, as it does for large cohorts: the answer is a redirect to where no keys are asked for. */
  lieElsewhere: boolean
  /** What was written to the membership API. */
  readonly moves: unknown[]
  /** What was written to the user mapping API. */
  readonly aliases: unknown[]
}

const HOUR = 3_600_000
const ELSEWHERE = '/elsewhere/'

export function answerRest(request: VendorRequest, project: Project): VendorAnswer {
  const { path, method, query, json } = request
  if (path === '/usermap') {
    project.aliases.push(...(JSON.parse(new URLSearchParams(request.text).get('mapping') ?? '[]') as unknown[]))
    return { status: 200, body: 'success' }
  }
  if (path.startsWith(ELSEWHERE)) return { status: 200, body: membersOf(path.slice(ELSEWHERE.length), project) }
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

function cohort(path: string, project: Project): VendorAnswer {
  const [, step, id = '', file] = /^\/api\/5\/cohorts\/(request-status|request)\/([^/]+)(\/file)?$/.exec(path) ?? []
  if (step === 'request' && file !== undefined) {
    return project.lieElsewhere ? { status: 302, headers: { location: ELSEWHERE + id } } : { status: 200, body: membersOf(id, project) }
  }
  if (step === 'request' && project.cohorts.has(id)) return { status: 202, body: { request_id: `request-${project.requested.push(id)}`, cohort_id: id } }
  if (step !== 'request-status' || cohortOf(id, project) === undefined) return { status: 404, body: 'not found' }
  project.computing -= 1
  return project.computing >= 0
    ? { status: 202, body: { request_id: id, async_status: 'JOB INPROGRESS' } }
    : { status: 200, body: { request_id: id, async_status: 'JOB COMPLETED' } }
}

function cohortOf(request: string, { requested }: Project): string | undefined {
  return requested[Number(request.replace('request-', '')) - 1]
}

function membersOf(request: string, project: Project): string {
  const members = project.cohorts.get(cohortOf(request, project) ?? '') ?? []
  return ['amplitude_id,user_id', ...members.map((user, index) => `${index},${user}`)].join('\n')
}

/** `20260503T14` */
function timeOf(hour: string): number {
  return Date.parse(`${hour.slice(0, 4)}-${hour.slice(4, 6)}-${hour.slice(6, 11)}:00:00Z`)
}

function nameOf(time: number): string {
  return new Date(time).toISOString().slice(0, 13).replaceAll('-', '')
}
