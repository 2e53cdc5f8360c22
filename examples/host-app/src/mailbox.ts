import type { AddressInfo } from 'node:net'
import { simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  readonly id: number
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string | undefined
  readonly headers: ReadonlyMap<string, unknown>
  /** By the given clock, in epoch milliseconds. */
  readonly at: number
}

/** A mail server on this machine that keeps what it gets in memory and hands nothing on. */
export interface Mailbox {
  readonly port: number
  /** Oldest first. */
  mails(): readonly ReceivedMail[]
  close(): Promise<void>
}

/** Port 0 takes a free one. `now` is the clock that received mails are stamped with. */
export async function startMailbox(options: { readonly port?: number; readonly now?: () => number } = {}): Promise<Mailbox> {
  const now = options.now ?? Date.now
  const mails: ReceivedMail[] = []
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    disableReverseLookup: true,
    onData(stream, session, done) {
      simpleParser(stream).then((mail) => {
        const to = session.envelope.rcptTo.map(({ address }) => address).join(', ')
        const { text = '', subject = '', html, headers } = mail
        mails.push({ id: mails.length + 1, from: mail.from?.text ?? '', to, subject, text, html: html === false ? undefined : html, headers, at: now() })
        done()
      }, done)
    },
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 2525, '127.0.0.1', resolve)
  })
  // A sender that hangs up halfway is its own affair.
  server.on('error', () => {})
  return {
    port: (server.server.address() as AddressInfo).port,
    mails: () => mails,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
