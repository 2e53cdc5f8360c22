import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { virtualClock } from '@waymark/host'
import { startHostApp } from './host-app.ts'
import { startMailbox } from './mailbox.ts'
import { runningClock } from './running-clock.ts'
import config, { hostAppConfig, smtpFromEnvironment } from './waymark.config.ts'

const { values } = parseArgs({
  options: {
    virtual: { type: 'boolean', default: false },
    port: { type: 'string', default: '4800' },
    'host-port': { type: 'string', default: '4747' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (values.help) {
  process.stdout.write(`Fieldnotes, a small product whose onboarding adapts to what its users do.

  --virtual          a clock that the developer panel can put forward, and a database of its own that is thrown away
  --port N           of the product (default 4800)
  --host-port N      of Waymark (default 4747)

  WAYMARK_DB         path of the database (default .waymark/host-app.db, in this folder)
  SMTP_HOST, SMTP_PORT   a mail server of your own (default: one in this process, shown at /mailbox)
`)
} else await run()

async function run(): Promise<void> {
  const ownMail = process.env['SMTP_HOST'] === undefined && process.env['SMTP_PORT'] === undefined
  const clock = values.virtual ? runningClock(virtualClock(Date.now())) : undefined
  const mailbox = ownMail ? await startMailbox({ port: 2525, ...(clock === undefined ? {} : { now: clock.now }) }) : undefined
  // What happened in a future that was travelled to must not be in the database when the clock is back in the present.
  const scratch = values.virtual ? await mkdtemp(join(tmpdir(), 'fieldnotes-')) : undefined
  const app = await startHostApp({
    config: scratch === undefined ? config : hostAppConfig({ database: join(scratch, 'host-app.db'), smtp: smtpFromEnvironment() }),
    ports: { app: Number(values.port), host: Number(values['host-port']) },
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
