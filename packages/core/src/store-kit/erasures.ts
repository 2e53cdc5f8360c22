import type { Erasure, ErasureRequest } from '../erasure.ts'
import { fromText } from './text.ts'

export interface ErasureRow {
  readonly id: number
  readonly plugin: string
  readonly body: string
}

export function toErasure({ id, plugin, body }: ErasureRow): Erasure {
  return { ...(JSON.parse(body) as Omit<Erasure, 'id' | 'plugin'>), id, plugin: fromText(plugin) }
}

/** What of a job is kept as it is, as JSON. */
export function erasureBody({ id: _, plugin: __, ...body }: Erasure): string {
  return JSON.stringify(body)
}

/** The jobs a request makes, ids left out. */
export function jobsOf({ person, at, subject, plugins }: ErasureRequest): readonly Erasure[] {
  return plugins.map(({ plugin, dueBy }) => ({ id: 0, person, plugin, state: 'waiting', askedAt: at, dueBy, attempts: 0, nextAt: at, subject }))
}
