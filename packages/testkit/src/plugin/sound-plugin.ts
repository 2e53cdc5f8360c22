import { type Plugin, PURPOSES } from '@waymark/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Connections, watchConnections } from './connections.ts'

/** What every plugin is held to, whatever it offers. Call it within a `describe`. */
export function describePlugin(plugin: () => Plugin): void {
  let connections: Connections
  beforeEach(() => {
    connections = watchConnections()
  })
  // A test that reaches out fails, and so do all of a plugin that does without being asked.
  afterEach(() => {
    connections.end()
    expect(connections.elsewhere, 'connections beyond this machine').toEqual([])
  })

  it('has a name that routes can begin with, and a purpose', () => {
    expect(plugin().name).toMatch(/^[a-z][a-z0-9-]*$/)
    expect(PURPOSES).toContain(plugin().purpose)
  })
}

/** Fails when it takes longer than a plugin has once its signal is aborted. */
export async function soon<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer within 5 seconds of the signal')), 5_000)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
