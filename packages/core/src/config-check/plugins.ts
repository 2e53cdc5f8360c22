import { isObject } from '../json.ts'
import { type Plugin, PURPOSES } from '../plugin/plugin.ts'
import { at, listed, type Report, show } from '../problem.ts'
import { checkMembers } from './plugin-members.ts'

/** The plugins that can be worked with. */
export function checkPlugins(plugins: unknown, report: Report): readonly Plugin[] {
  if (plugins === undefined) return []
  if (!Array.isArray(plugins)) {
    report('plugins', `expected a list, found ${show(plugins)}`, 'write [ … ]')
    return []
  }
  const names = new Map<string, string>()
  const channels = new Map<string, string>()
  return plugins.filter((plugin: unknown, index): plugin is Plugin => {
    const name = isObject(plugin) && typeof plugin['name'] === 'string' ? plugin['name'] : undefined
    const place = `plugins[${index}]${name === undefined ? '' : ` '${name}'`}`
    if (!isObject(plugin)) {
      report(
        place,
        `expected a plugin, found ${show(plugin)}`,
        typeof plugin === 'function' ? `call it: ${plugin.name || 'plugin'}(…)` : 'write what a plugin package makes, for example inApp()',
      )
      return false
    }
    checkName(plugin['name'], place, names, report)
    if (!PURPOSES.some((known) => known === plugin['purpose'])) {
      const purpose = plugin['purpose']
      report(
        at(place, 'purpose'),
        purpose === undefined ? 'it declares no purpose, so nobody can consent to it' : `${show(purpose)} is not a purpose`,
        `let the plugin declare ${listed(PURPOSES)}`,
      )
    }
    checkMembers(plugin, place, report)
    return checkChannel(plugin['channel'], at(place, 'channel'), channels, report)
  })
}

/** A name is also a folder of URLs. */
function checkName(name: unknown, place: string, taken: Map<string, string>, report: Report): void {
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9._-]*$/i.test(name)) {
    report(at(place, 'name'), `${show(name)} is not a name`, 'write letters, digits and dashes: it is also where its routes are found')
  } else if (taken.has(name)) report(at(place, 'name'), `'${name}' is also the name of ${taken.get(name)}`, 'take one out, or give it another name')
  else taken.set(name, place)
}

function checkChannel(channel: unknown, place: string, taken: Map<string, string>, report: Report): boolean {
  if (channel === undefined) return true
  if (!isObject(channel)) {
    report(place, `expected a channel, found ${show(channel)}`, 'write { name, reach, send }')
    return false
  }
  const { name, reach, send, dedup, concurrency } = channel
  if (typeof name !== 'string' || name === '') report(at(place, 'name'), `${show(name)} is not a name`, 'write the `channel` of the messages it takes')
  else if (taken.has(name)) report(at(place, 'name'), `${taken.get(name)} takes '${name}' messages already`, 'take one of the two out')
  else taken.set(name, place)
  if (reach !== 'inside' && reach !== 'outside') report(at(place, 'reach'), `${show(reach)} is not a reach`, "write 'inside' or 'outside'")
  if (dedup !== undefined && !(isObject(dedup) && typeof dedup['windowMs'] === 'number' && dedup['windowMs'] > 0))
    report(at(place, 'dedup'), `${show(isObject(dedup) ? dedup['windowMs'] : dedup)} is not a time`, 'write { windowMs: 86_400_000 }, or leave it out')
  if (concurrency !== undefined && (!Number.isSafeInteger(concurrency) || (concurrency as number) < 1))
    report(at(place, 'concurrency'), `${show(concurrency)} is not a whole number of messages, 1 or more`, 'write for example 10')
  if (typeof send !== 'function') report(at(place, 'send'), `expected a function, found ${show(send)}`, 'write async send(message, recipient, context) { … }')
  return true
}
