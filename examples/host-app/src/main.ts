import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { virtualClock } from '@waymark/host'
import { startHostApp } from './host-app.ts'
import { startMailbox } from './mailbox.ts'
import { runningClock } from './running-clock.ts'
import config, { hostAppConfig, smtpFromEnvironment } from './waymark.config.ts'

const USAGE = `Fieldnotes, a small product whose onboarding adapts to what its users do.

  --virtual          a clock that begins at ten this morning and can be put forward in the developer
                     panel, with a database of its own that is thrown away
  --port N           of the product (default 4800)
  --host-port N      of Waymark (default 4747)

  WAYMARK_DB             path of the database (default .waymark/host-app.db, in this folder)
  SMTP_HOST, SMTP_PORT   a mail server of your own (default: one in this process, shown at /mailbox)
`

await main().catch((error: NodeJS.ErrnoException & { port?: number }) => {
  const taken = error.code === 'EADDRINUSE' ? `Port ${error.port} is taken: stop what listens there, or choose others with --port and --host-port.` : undefined
  process.stderr.write(`${taken ?? error.message}\n`)
  process.exit(1)
})

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      virtual: { type: 'boolean', default: false },
      port: { type: 'string', default: '4800' },
      'host-port': { type: 'string', default: '4747' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) process.stdout.write(USAGE)
  else await run(values.virtual, { app: portOf('--port', values.port), host: portOf('--host-port', values['host-port']) })
}

function portOf(option: string, text: string): number {
  const port = Number(text)
  if (text.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`${option}: '${text}' is not a port; give a number from 0 to 65535.`)
  return port
}

/** Ten o'clock: an hour or a day later is no quiet hour, at whatever time of day somebody tries this. */
function thisMorning(): number {
  return new Date().setHours(10, 0, 0, 0)
}

async function run(isVirtual: boolean, ports: { readonly app: number; readonly host: number }): Promise<void> {
  const ownMail = process.env['SMTP_HOST'] === undefined && process.env['SMTP_PORT'] === undefined
  const clock = isVirtual ? runningClock(virtualClock(thisMorning())) : undefined
  const mailbox = ownMail ? await startMailbox({ port: 2525, ...(clock === undefined ? {} : { now: clock.now }) }) : undefined
  // What happened in a future that was travelled to must not be in the database when the clock is back in the present.
  const scratch = isVirtual ? await mkdtemp(join(tmpdir(), 'fieldnotes-')) : undefined
  const app = await startHostApp({
    config: scratch === undefined ? config : hostAppConfig({ database: join(scratch, 'host-app.db'), smtp: smtpFromEnvironment() }),
    ports,
    ...(clock === undefined ? {} : { effects: { clock } }),
    ...(mailbox === undefined ? {} : { mailbox }),
  })
  process.stdout.write(`Fieldnotes  ${app.appUrl}\nMailbox     ${app.appUrl}/mailbox\nWaymark     ${app.hostUrl}\n`)

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      clock?.stop()
      void close()
    })
  }

  async function close(): Promise<void> {
    await app.close()
    await mailbox?.close()
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true })
  }
}
