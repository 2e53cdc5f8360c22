import type { JsonObject, Message, Plugin, PluginContext, Recipient, SendOutcome } from '@waymark/core'
import { type EmailOptions, email } from '../src/index.ts'

export const NOW: number = Date.UTC(2026, 2, 1, 12)

const context: PluginContext = {
  log: { debug() {}, info() {}, warn() {}, error() {} },
  clock: { now: () => NOW, at: () => () => {} },
  signal: new AbortController().signal,
  ingest: async () => [],
  quarantine: async () => {},
  erase: async () => {},
  conversation: { profileOf: async () => undefined, open: async () => [], answer: async () => false, watch: () => () => {} },
  id: () => 'id',
}

export function message(template: string, data?: JsonObject, key = 'rule:u1:1'): Message {
  return { ...email.template(template, data), key, profile: 'p1', rule: 'rule', decidedAt: NOW, state: 'queued', attempts: 1, notBefore: NOW }
}

export function ada(traits: JsonObject = {}): Recipient {
  return { profile: 'p1', userId: 'u1', traits: { email: 'ada@example.com', name: 'Ada', ...traits } }
}

/** The plugin, started, with the one template `t`. */
export function started(port: number, template: EmailOptions['templates'], options: Partial<EmailOptions> = {}): Plugin {
  const plugin = email({ from: 'Acme <hello@acme.example>', smtp: { host: '127.0.0.1', port }, templates: template, ...options })
  void plugin.start?.(context)
  return plugin
}

export async function send(plugin: Plugin, what: Message, to: Recipient = ada(), signal: AbortSignal = context.signal): Promise<SendOutcome> {
  if (plugin.channel === undefined) throw new Error('no channel')
  return plugin.channel.send(what, to, { ...context, signal })
}

export function reasonOf(outcome: SendOutcome): string {
  return 'reason' in outcome ? outcome.reason : ''
}
