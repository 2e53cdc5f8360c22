import type { Plugin, WaymarkConfig } from '@waymark/core'
import { type Finding, ok, warn } from './finding.ts'
import { plural } from './words.ts'

/** What a config that loads may still have wrong with it. */
export function lookAtConfig({ segments = [], rules = [], plugins = [] }: WaymarkConfig): readonly Finding[] {
  const findings = [ok('config', `${plural(segments.length, 'segment')}, ${plural(rules.length, 'rule')}, ${plural(plugins.length, 'plugin')}`)]
  if (!plugins.some(({ routes }) => routes !== undefined && routes.length > 0)) {
    findings.push(warn('config', 'no plugin has routes: no events come in over HTTP', 'add a source, such as segment() of @waymark/adapter-segment'))
  }
  for (const { names, paths } of contested(plugins)) {
    const more = paths.length === 1 ? '' : ` and ${plural(paths.length - 1, 'other path')}`
    const says = `${paths[0]}${more}: served by ${names.join(' and by ')}, of which the first one gets the requests`
    findings.push(warn('config', says, 'reach the others under /<plugin>, or leave one out'))
  }
  return findings
}

/** Paths that more than one plugin serves, put together by the plugins that do. */
function contested(plugins: readonly Plugin[]): readonly { readonly names: readonly string[]; readonly paths: readonly string[] }[] {
  const routes = plugins.flatMap(({ name, routes: own = [] }) => own.map(({ method, path }) => ({ name, path: `${method} ${path}` })))
  const shared = [...Map.groupBy(routes, ({ path }) => path)].filter(([, all]) => all.length > 1)
  const byNames = Map.groupBy(shared, ([, all]) => all.map(({ name }) => name).join(' '))
  return [...byNames].map(([names, all]) => ({ names: names.split(' '), paths: all.map(([path]) => path) }))
}
