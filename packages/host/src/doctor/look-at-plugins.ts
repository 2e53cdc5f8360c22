import { type Plugin, WaymarkError } from '@waymark/core'
import { scrubText } from '../scrub.ts'
import { type Finding, fail, ok } from './finding.ts'

/** What a probe is waited for, in milliseconds. */
const LONGEST_PROBE = 10_000

/** Asks every plugin that can tell, all at once. */
export async function lookAtPlugins(plugins: readonly Plugin[]): Promise<readonly Finding[]> {
  const asked = plugins.filter(({ probe }) => probe !== undefined)
  const silent = plugins.filter(({ probe }) => probe === undefined).map(({ name }) => name)
  const findings = await Promise.all(asked.map(probed))
  return [...findings, ...(silent.length === 0 ? [] : [ok('plugins', `${silent.join(', ')}: nothing to probe`)])]
}

async function probed(plugin: Plugin): Promise<Finding> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer after ${LONGEST_PROBE / 1_000} s`)), LONGEST_PROBE)
  })
  try {
    await Promise.race([plugin.probe?.(), late])
    return ok('plugins', `${plugin.name}: what it needs is there`)
  } catch (error) {
    const says = scrubText(`${plugin.name}: ${error instanceof Error ? error.message : String(error)}`)
    return fail('plugins', says, WaymarkError.is(error) && error.mend !== undefined ? error.mend : 'mend what the plugin says')
  } finally {
    clearTimeout(timer)
  }
}
