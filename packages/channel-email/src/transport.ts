import type { SendOutcome } from '@waymark/core'
import nodemailer, { type NodemailerError, type SendMailOptions, type SMTPPoolOptions } from 'nodemailer'
import { parseConnectionUrl } from 'nodemailer/lib/shared'
import { outcomeOf } from './outcome.ts'

export interface Transport {
  /** Sends one mail, at most once, unless `aborted` comes first. Never rejects. */
  send(mail: SendMailOptions, aborted: AbortSignal): Promise<SendOutcome>
  /** Closes idle connections at once, the others when their mail is through. */
  close(): void
}

/** A pool of SMTP connections; they are opened when there is something to send. `timeout` is that of one mail, in milliseconds. */
export function openTransport(smtp: SMTPPoolOptions | string, timeout: number): Transport {
  const pool = nodemailer.createTransport({
    ...connectionTo(smtp, timeout),
    pool: true,
    // Trying again is the host's part: it alone knows whether the mail is still wanted.
    maxRequeues: 0,
  })
  /** The bytes of each mail under way, on their way to the socket. */
  const streams = new WeakMap<AbortSignal, { readonly readableEnded: boolean }>()
  pool.use('stream', (mail, done) => {
    const { message } = mail
    const { signal } = mail.data
    const create = message?.createReadStream.bind(message)
    if (message !== undefined && create !== undefined && signal !== undefined) {
      message.createReadStream = (options) => {
        const stream = create(options)
        streams.set(signal, stream)
        return stream
      }
    }
    done()
  })
  return {
    async send(mail, aborted) {
      const signal = AbortSignal.any([aborted, AbortSignal.timeout(timeout)])
      try {
        const { messageId } = await pool.sendMail({ ...mail, signal, disableFileAccess: true, disableUrlAccess: true })
        return { status: 'sent', reference: messageId }
      } catch (error) {
        // Read to its end means that the final dot is written next; until then no server can have taken the mail.
        return outcomeOf(error as NodemailerError, streams.get(signal)?.readableEnded === true)
      }
    },
    close: () => pool.close(),
  }
}

/** Connects, logs in and goes away again. Rejects with nodemailer's error when it cannot. */
export async function logIn(smtp: SMTPPoolOptions | string, timeout: number): Promise<void> {
  const transport = nodemailer.createTransport({ ...connectionTo(smtp, timeout), pool: true, maxConnections: 1 })
  try {
    await transport.verify()
  } finally {
    transport.close()
  }
}

/** Host and port of a server, for a person. */
export function addressOf(smtp: SMTPPoolOptions | string): string {
  const { host, port, service } = connectionTo(smtp, 0)
  return service ?? `${host ?? 'localhost'}${port === undefined ? '' : `:${port}`}`
}

function connectionTo(smtp: SMTPPoolOptions | string, timeout: number): SMTPPoolOptions {
  const times = { connectionTimeout: timeout, greetingTimeout: timeout, socketTimeout: timeout }
  return { ...times, ...(typeof smtp === 'string' ? parseConnectionUrl(smtp) : smtp) }
}
