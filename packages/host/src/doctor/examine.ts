import type { WaymarkConfig } from '@waymark/core'
import { systemClock } from '../clock.ts'
import { engineOf } from '../definition.ts'
import { type Finding, fail } from './finding.ts'
import { lookAtBacklog } from './look-at-backlog.ts'
import { lookAtClock } from './look-at-clock.ts'
import { lookAtConfig } from './look-at-config.ts'
import { lookAtLog } from './look-at-log.ts'
import { lookAtPlugins } from './look-at-plugins.ts'
import { lookAtSources } from './look-at-sources.ts'
import { lookAtStore, unopened } from './look-at-store.ts'

/**
 * Looks over a config and what it runs on: store, disk, clock, plugins, and what waits. Reads only, also beside a running host, and starts no plugin;
 * those that can are asked whether what they need is there. Never rejects: what cannot be looked at is a finding too.
 */
export async function examine(config: WaymarkConfig, options: { readonly now?: () => number } = {}): Promise<readonly Finding[]> {
  const now = options.now ?? systemClock().now
  const { store } = config
  const plugins = lookAtPlugins(config.plugins ?? [])
  const findings: Finding[] = [...lookAtConfig(config)]
  try {
    await store.open({ readOnly: true })
  } catch (error) {
    return [...findings, unopened(error), ...(await lookAtClock(undefined, now)), ...(await plugins)]
  }
  try {
    const engine = engineOf(config)
    const { findings: found, isInUse, logBytes } = await lookAtStore(store)
    findings.push(...found)
    findings.push(...(await lookAtLog(store, engine, now(), logBytes)), ...(await lookAtClock(store, now)), ...(await plugins))
    findings.push(...(await lookAtBacklog({ config, engine, now: now(), isInUse })), ...(await lookAtSources(config, now())))
  } catch (error) {
    findings.push(fail('store', `it cannot be read: ${error instanceof Error ? error.message : String(error)}`, 'restore a backup if the file is damaged'))
  } finally {
    await store.close()
  }
  return findings
}
