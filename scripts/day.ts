/**
 * Takes a day of events through a real host to each vendor's fake, which throttles, fails, refuses and loses answers, and tells what became of them.
 * Ends with exit code 1 when an event is neither kept once nor a dead letter.
 *
 * `pnpm day` takes 100,000 to all four; `pnpm day segment firebase --events 20000` fewer to some.
 */
import { parseArgs } from 'node:util'
import { dayTo, VENDORS, type VendorName, wrongs } from '../test/adapters/roads.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { events: { type: 'string', default: '100000' } } })
const events = Number(values.events)
const unknown = positionals.filter((name) => !VENDORS.includes(name as VendorName))
if (unknown.length > 0) refuse(`there is no vendor ${unknown.join(', ')}: name some of ${VENDORS.join(', ')}, or none for all`)
// `dayThrough` marks its events with five digits.
if (!Number.isInteger(events) || events < 1_000 || events > 100_000) refuse(`--events ${values.events}: give a whole number from 1000 to 100000`)

let areWrong = false
for (const name of positionals.length === 0 ? VENDORS : (positionals as VendorName[])) {
  const start = performance.now()
  const day = await dayTo(name, { events })
  const found = wrongs(day)
  areWrong ||= found.length > 0
  console.log(
    `${name}: ${day.events} events in ${day.requests} requests: ${day.delivered} delivered and ${day.deadLettered} dead letters; ` +
      `${day.storedOnce} kept once, ${day.storedTwice} more than once, ${day.copies} copies dropped; ${Math.round((performance.now() - start) / 1_000)} s`,
  )
  for (const wrong of found) console.log(`  wrong: ${wrong}`)
}
process.exitCode = areWrong ? 1 : 0

function refuse(message: string): never {
  console.error(message)
  process.exit(2)
}
