import type { Plugin, WaymarkConfig } from '@waymark/core'
import { columns } from './output.ts'
import { shortPath } from './source-place.ts'
import type { Colors } from './terminal.ts'

/** What runs, and where: shown when `waymark dev` is up. */
export function renderBanner(config: WaymarkConfig, file: string, url: string, colors: Colors): string {
  const segments = (config.segments ?? []).map(({ id, members }) => `${id} ${colors.dim(`(${members.map(({ name }) => name).join(', ')})`)}`)
  const rules = (config.rules ?? []).map(({ id, send }) => `${id} ${colors.dim(`-> ${send.channel} ${send.kind}`)}`)
  const plugins = (config.plugins ?? []).map((plugin) => `${plugin.name} ${colors.dim(`(${capabilities(plugin)})`)}`)
  const rows = [
    ['config', shortPath(file)],
    ['store', config.store.name],
    ['events', Object.keys(config.plan.events).join(', ')],
    ...listed('plugins', plugins),
    ...listed('segments', segments),
    ...listed('rules', rules),
  ]
  return `\n  ${colors.bold('waymark dev')}  ${colors.cyan(url)}\n\n${columns(rows.map(([name = '', text = '']) => [colors.dim(name), text]))}\n\n`
}

function listed(name: string, entries: readonly string[]): readonly (readonly string[])[] {
  return entries.length === 0 ? [[name, 'none']] : entries.map((entry, index) => [index === 0 ? name : '', entry])
}

function capabilities(plugin: Plugin): string {
  const found = (['routes', 'sink', 'channel'] as const).filter((one) => plugin[one] !== undefined)
  return found.length === 0 ? 'no capability' : found.join(', ')
}
