import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

export interface Received extends ParsedMail {
  readonly raw: string
  readonly to1: string
}

/** A real SMTP server on this machine, on a line that a test can cut. */
export interface TestServer {
  readonly port: number
  readonly received: Received[]
  /** How many times a mail was taken in to its end, accepted or not. */
  readonly taken: () => number
  /** Called at that moment of the conversation; an error it throws is the server's answer. */
  on: Partial<Record<'connect' | 'mail' | 'recipient' | 'data' | 'dataEnd', () => void | Promise<void>>>
  /** Breaks every connection, as a lost line does. */
  cut(): void
  close(): Promise<void>
}

export function answer(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode })
}

export async function startServer(): Promise<TestServer> {
  const received: Received[] = []
  const lines = new Set<Socket>()
  let taken = 0
  const during = (moment: keyof TestServer['on'], done: (error?: Error) => void): void => {
    Promise.resolve()
      .then(() => server.on[moment]?.())
      .then(
        () => done(),
        (error: Error) => done(error),
      )
  }
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onConnect: (_session, done) => during('connect', done),
    onMailFrom: (_address, _session, done) => during('mail', done),
    onRcptTo: (_address, _session, done) => during('recipient', done),
    onAuth: (_auth, _session, done) => done(answer(535, 'Authentication failed')),
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.once('data', () => void Promise.resolve(server.on.data?.()).catch(() => {}))
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        taken += 1
        during('dataEnd', (error) => {
          if (error !== undefined) return done(error)
          const raw = Buffer.concat(chunks)
          simpleParser(raw).then((mail) => {
            received.push({ ...mail, raw: raw.toString(), to1: session.envelope.rcptTo.map(({ address }) => address).join() })
            done()
          }, done)
        })
      })
    },
  })
  smtp.on('error', () => {})
  smtp.listen(0, '127.0.0.1')
  await once(smtp.server, 'listening')
  const inner = (smtp.server.address() as AddressInfo).port
  const line = createServer((outside) => {
    const inside = dial(inner, '127.0.0.1')
    for (const socket of [outside, inside]) {
      lines.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        lines.delete(socket)
        outside.destroy()
        inside.destroy()
      })
    }
    outside.pipe(inside).pipe(outside)
  })
  line.listen(0, '127.0.0.1')
  await once(line, 'listening')

  const server: TestServer = {
    port: (line.address() as AddressInfo).port,
    received,
    taken: () => taken,
    on: {},
    cut() {
      for (const socket of lines) socket.destroy()
    },
    async close() {
      server.cut()
      await new Promise<void>((resolve) => line.close(() => resolve()))
      await new Promise<void>((resolve) => smtp.close(() => resolve()))
    },
  }
  return server
}
