import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { silentLogger, virtualClock } from '@waymark/host'
import { startHostApp } from './host-app.ts'
import { startMailbox } from './mailbox.ts'
import { population, seeded } from './population.ts'
import { runningClock } from './running-clock.ts'
import { simulate } from './simulate.ts'
import { summarise } from './summary.ts'
import { hostAppConfig } from './waymark.config.ts'
import { WRITE_KEYS } from './write-keys.ts'

const DAY = 86_400_000
const DAYS = 14

const USAGE = 'pnpm demo [--users 300] [--seed 1] [--once]   --once ends after the summary, as it does with CI=true'
const values = argumentsGiven()
const size = Number(values.users)
const seed = Number(values.seed)
if (!Number.isInteger(size) || size < 1 || !Number.isInteger(seed)) {
  console.error('--users takes a whole number from 1 on, --seed a whole number. Example: pnpm demo --users 500 --seed 7')
  process.exit(2)
}
const endsAfterSummary = values.once || process.env['CI'] === 'true'

const folder = mkdtempSync(join(tmpdir(), 'waymark-demo-'))
const database = join(folder, 'demo.db')

// The two weeks end now, so that what the host goes on doing afterwards happens in the present.
const end = Date.now()
const start = end - DAYS * DAY
const clock = virtualClock(start)
const mailbox = await startMailbox({ port: 0, now: clock.now })
const config = hostAppConfig({ database, smtp: { host: '127.0.0.1', port: mailbox.port } })
const app = await startHostApp({
  config,
  mailbox,
  effects: { clock, random: seeded(seed + 1) },
  logger: silentLogger,
  ports: { app: await freePort(4800), host: await freePort(4747) },
})

console.log(`Waymark at ${app.hostUrl}, the product 'Fieldnotes' at ${app.appUrl}`)
console.log(
  `${size} simulated users live their first two weeks: their events go to Waymark over HTTP through Segment's\nserver SDK. Time moves in steps of 15 minutes.\n`,
)

const began = performance.now()
let shown = 0
const { sent, failed } = await simulate({
  actions: population({ seed, size, start, days: DAYS }),
  clock,
  start,
  end,
  hostUrl: app.hostUrl,
  writeKey: WRITE_KEYS.server,
  random: seeded(seed + 2),
  settled: app.host.settled,
  onProgress({ at, sent: events }) {
    const day = Math.floor((at - start) / DAY)
    const line = `  day ${String(day).padStart(2)} of ${DAYS}   ${events.toLocaleString('en').padStart(6)} events   ${mailbox.mails().length} emails arrived`
    if (process.stdout.isTTY) process.stdout.write(`\r${line}`)
    else if (day > shown) console.log(line)
    shown = day
  },
})
const seconds = (performance.now() - began) / 1_000
console.log(
  `${process.stdout.isTTY ? '\n' : ''}\nTwo weeks in ${seconds.toFixed(1)} s: ${sent.toLocaleString('en')} events${failed === 0 ? '' : `, ${failed} of which were not delivered`}.\n`,
)
const profiles = await config.store.profileIds()
console.log(
  summarise({
    config,
    census: await app.host.census(),
    ledger: await config.store.decisions({ limit: 1_000_000 }),
    messages: (await Promise.all(profiles.map((profile) => config.store.messages(profile)))).flat(),
    mails: mailbox.mails().length,
  }),
)

async function finish(): Promise<void> {
  await app.close()
  await mailbox.close()
  rmSync(folder, { recursive: true, force: true })
}

if (endsAfterSummary) await finish()
else {
  const running = runningClock(clock)
  console.log(`\nNow be a user yourself: ${app.appUrl}`)
  console.log('Skip the introduction, or use Boards five times over two sessions; the developer panel moves the clock. A night holds emails back')
  console.log('until eight in the morning. To ask why somebody got what they got, in another terminal:')
  console.log(`\n  WAYMARK_DB=${database} npx -y pnpm@12 waymark explain user-003 --config examples/host-app/src/waymark.config.ts\n`)
  console.log('Ctrl+C ends it.')
  process.once('SIGINT', () => {
    running.stop()
    void finish().then(() => process.exit(0))
  })
}

function argumentsGiven(): { readonly once: boolean; readonly users: string; readonly seed: string } {
  try {
    const options = { once: { type: 'boolean', default: false }, users: { type: 'string', default: '300' }, seed: { type: 'string', default: '1' } } as const
    return parseArgs({ options }).values
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    process.exit(2)
  }
}

/** The usual port where it is free, any other where it is not. */
function freePort(preferred: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(0))
    probe.listen(preferred, '127.0.0.1', () => probe.close(() => resolve(preferred)))
  })
}
