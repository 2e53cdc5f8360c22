import type { Recipient } from '@waymark/core'
import { WaymarkError } from '@waymark/core'
import type { SMTPPoolOptions } from 'nodemailer'

export interface EmailOptions {
  /** The sender, as in `Acme <hello@acme.example>`. The domain also ends every Message-ID. */
  readonly from: string
  /** nodemailer's SMTP options (host, port, auth, tls, dkim, maxConnections …) or a URL: `smtps://user:password@smtp.acme.example`. */
  readonly smtp: SMTPPoolOptions | string
  /** Liquid templates by name, or the folder they lie in as `name.subject.liquid`, `name.text.liquid` and `name.html.liquid`. */
  readonly templates: Readonly<Record<string, TemplateSource>> | string
  /** Where answers go. Default: to `from`. */
  readonly replyTo?: string
  /** The recipient's address; undefined when there is none. Default: the trait `email`. */
  readonly address?: (recipient: Recipient) => string | undefined
  /** Milliseconds that sending one mail may take, waiting for a free connection included. Default 30,000, at most 50,000. */
  readonly timeout?: number
}

/** Liquid sources of one mail, with the variables `traits`, `data` and `user`. One of `text` and `html` is needed; text is made of the html where it is missing. */
export interface TemplateSource {
  readonly subject: string
  readonly text?: string
  readonly html?: string
}

export const DEFAULT_TIMEOUT = 30_000
/** A host lets another worker try a message after a minute; a mail still under way then would go out twice. */
const MAX_TIMEOUT = 50_000

/** Throws a `WaymarkError` that names the option and how to mend it. */
export function checkOptions(options: EmailOptions): void {
  const { smtp, templates, timeout, address } = options
  if (typeof smtp === 'string') {
    if (!/^smtps?:$/.test(URL.parse(smtp)?.protocol ?? '')) {
      throw wrongOption('smtp', 'it is not an SMTP URL', "write it as 'smtps://user:password@smtp.example.com:465'")
    }
  } else if (typeof smtp !== 'object' || smtp === null) {
    throw wrongOption('smtp', 'it is missing', "give a URL, or nodemailer's options: { host: 'smtp.example.com', port: 587, auth: { user, pass } }")
  }
  if (typeof templates !== 'string' && (typeof templates !== 'object' || templates === null)) {
    throw wrongOption('templates', 'it is missing', "write { welcome: { subject: '…', text: '…' } }, or give the path of a folder")
  }
  if (address !== undefined && typeof address !== 'function') {
    throw wrongOption('address', 'it is not a function', 'write (recipient) => recipient.traits.workEmail')
  }
  if (timeout !== undefined && !(timeout > 0 && timeout <= MAX_TIMEOUT)) {
    throw wrongOption('timeout', `${timeout} is not between 1 and ${MAX_TIMEOUT}`, 'give milliseconds, such as 30_000')
  }
}

export function wrongOption(field: string, problem: string, mend: string): WaymarkError {
  return new WaymarkError('EMAIL_OPTION_INVALID', `email({ ${field} }): ${problem}; ${mend}`, { place: `email.${field}`, mend })
}
