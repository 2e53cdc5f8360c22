import { createHash } from 'node:crypto'
import type { JsonObject, Message, MessageDefinition, Plugin, PluginContext, Recipient, SendOutcome } from '@waymark/core'
import { isObject, WaymarkError } from '@waymark/core'
import { closestMatch } from 'leven'
import { domainOf, isAddress, mailbox } from './address.ts'
import { checkOptions, DEFAULT_TIMEOUT, type EmailOptions } from './options.ts'
import { words } from './outcome.ts'
import { render } from './render.ts'
import { loadTemplates, type MailTemplate } from './templates.ts'
import { addressOf, logIn, openTransport, type Transport } from './transport.ts'

/** `email({ … })` is the plugin; `email.template(…)` is a message for a rule to send. */
export interface Email {
  /** The email channel. Throws a `WaymarkError` for a wrong option or a template that does not parse. Connects when there is something to send. */
  (options: EmailOptions): Plugin
  /** A mail written with the named template, which finds `data` under that name. */
  template(name: string, data?: JsonObject): MessageDefinition
}

const CHANNEL = 'email'
const TEMPLATE = 'template'
/** A probe is given 10 s; its error shall come before that. In milliseconds. */
const LONGEST_PROBE = 8_000

export const email: Email = Object.assign(create, {
  template: (name: string, data?: JsonObject): MessageDefinition => ({
    channel: CHANNEL,
    kind: TEMPLATE,
    content: { template: name, ...(data === undefined ? {} : { data }) },
  }),
})

function create(options: EmailOptions): Plugin {
  checkOptions(options)
  const from = mailbox('from', options.from)
  const replyTo = options.replyTo === undefined ? undefined : mailbox('replyTo', options.replyTo)
  const templates = loadTemplates(options.templates)
  const addressOf = options.address ?? ((recipient: Recipient) => recipient.traits['email'])
  let transport: Transport | undefined

  async function send(message: Message, recipient: Recipient, context: PluginContext): Promise<SendOutcome> {
    if (transport === undefined) throw new WaymarkError('EMAIL_NOT_STARTED', 'the email channel is not started, or stopped already')
    const [problem] = check(templates, message.kind, message.content)
    const template = templates.get(String(message.content['template']))
    if (problem !== undefined || template === undefined) return rejected(problem ?? 'no template')

    const address = addressOf(recipient)
    const who = recipient.userId === undefined ? `profile ${recipient.profile}` : `user ${recipient.userId}`
    if (address === undefined || address === null || address === '') return rejected(`${who} has no email address: set ${wanted(options)}`)
    if (!isAddress(address)) return rejected(`${who} has no usable email address: ${wanted(options)} must hold one address and nothing else`)

    const mail = render(template, {
      traits: recipient.traits,
      data: (message.content['data'] ?? {}) as JsonObject,
      user: recipient.userId === undefined ? {} : { userId: recipient.userId },
    })
    if (!mail.ok) return rejected(mail.reason)

    // The same on every attempt, so that a server or reader who got the mail already can tell.
    const key = createHash('sha256').update(message.key).digest('hex')
    const sendable = {
      from,
      to: { name: '', address },
      ...(replyTo === undefined ? {} : { replyTo }),
      ...mail.value,
      messageId: `<${key}@${domainOf(from.address)}>`,
      date: new Date(context.clock.now()),
      headers: { 'X-Waymark-Key': key },
    }
    return transport.send(sendable, context.signal)
  }

  return {
    name: CHANNEL,
    purpose: 'marketing',
    // No `dedup`: mail servers know no keys, so a mail that may have arrived is not sent again.
    channel: { name: CHANNEL, reach: 'outside', check: (kind, content) => check(templates, kind, content), send },
    start() {
      transport ??= openTransport(options.smtp, options.timeout ?? DEFAULT_TIMEOUT)
    },
    stop() {
      transport?.close()
      transport = undefined
    },
    probe: () => probe(options),
  }
}

async function probe({ smtp, timeout }: EmailOptions): Promise<void> {
  try {
    await logIn(smtp, Math.min(timeout ?? DEFAULT_TIMEOUT, LONGEST_PROBE))
  } catch (error) {
    const refused = (error as { readonly code?: unknown }).code === 'EAUTH'
    const mend = refused ? 'check user and password in email({ smtp })' : 'check host and port in email({ smtp }), and that the server can be reached from here'
    const message = `the mail server ${addressOf(smtp)} ${refused ? 'does not let us in' : 'cannot be used'}: ${words(error as Error)}`
    throw new WaymarkError(refused ? 'EMAIL_LOGIN_REFUSED' : 'EMAIL_SERVER_UNREACHABLE', message, { place: 'email({ smtp })', mend, cause: error })
  }
}

function check(templates: ReadonlyMap<string, MailTemplate>, kind: string, content: JsonObject): string[] {
  if (kind !== TEMPLATE) return [`'${kind}' is no kind of email: make the message with email.template(name, data)`]
  const { template, data } = content
  if (typeof template !== 'string') return ['template: it is missing; name one, as in email.template(name, data)']
  if (data !== undefined && !isObject(data)) return ['data: it must be an object, which the template finds as data.…']
  if (templates.has(template)) return []
  const names = [...templates.keys()]
  const near = closestMatch(template, names, { maxDistance: Math.max(2, Math.floor(template.length / 3)) })
  return [`template: there is no '${template}'.${near === undefined ? '' : ` Did you mean '${near}'?`} The templates are ${names.join(', ')}.`]
}

function rejected(reason: string): SendOutcome {
  return { status: 'rejected', reason }
}

function wanted(options: EmailOptions): string {
  return options.address === undefined ? 'traits.email' : 'what email({ address }) reads'
}
