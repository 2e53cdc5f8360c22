import { generateKeyPairSync } from 'node:crypto'
import type { Plugin } from '@waymark/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { EmailOptions } from '../src/index.ts'
import { ada, message, reasonOf, send, started } from './fixtures.ts'
import { answer, startServer, type TestServer } from './smtp.ts'

let server: TestServer
let plugin: Plugin
beforeEach(async () => {
  server = await startServer()
})
afterEach(async () => {
  await plugin.stop?.()
  await server.close()
})

const SHORT = { t: { subject: 's', text: 't' } }
/** Some 15 MB on the line: more than the buffers between here and the server hold. */
const LONG = { t: { subject: 's', text: '{{ data.long }}', html: '{{ data.long }}' } }
const long = { long: '一'.repeat(1_900_000) }

function start(options: Partial<EmailOptions> = {}, templates: EmailOptions['templates'] = SHORT): Plugin {
  plugin = started(server.port, templates, options)
  return plugin
}

it.each(['mail', 'recipient', 'dataEnd'] as const)('tries again after a 451 (%s)', async (moment) => {
  server.on[moment] = () => {
    throw answer(451, 'Come back later')
  }
  const outcome = await send(start(), message('t'))
  expect(outcome.status).toBe('retry')
  expect(reasonOf(outcome)).toContain('451 Come back later')
})

it.each(['mail', 'recipient', 'dataEnd'] as const)("gives up after a 550, in the server's words (%s)", async (moment) => {
  server.on[moment] = () => {
    throw answer(550, 'No such user')
  }
  const outcome = await send(start(), message('t'))
  expect(outcome.status).toBe('rejected')
  expect(reasonOf(outcome)).toContain('550 No such user')
  // The connection is as good as before.
  server.on = {}
  expect((await send(plugin, message('t'))).status).toBe('sent')
})

it('tries again when it is the server, the login or the session that is refused', async () => {
  server.on.connect = () => {
    throw answer(554, 'Not today')
  }
  expect((await send(start(), message('t'))).status).toBe('retry')
  await plugin.stop?.()
  server.on = {}
  const smtp = { host: '127.0.0.1', port: server.port, auth: { user: 'u', pass: 'wrong' } }
  const outcome = await send(start({ smtp }), message('t'))
  expect(outcome.status).toBe('retry')
  expect(reasonOf(outcome)).toContain('535')
  await plugin.stop?.()
  server.on.mail = () => {
    throw answer(530, 'Authentication required')
  }
  expect((await send(start(), message('t'))).status).toBe('retry')
})

it('tries again when nobody answers there', async () => {
  const { port } = server
  await server.close()
  const outcome = await send(start({ smtp: `smtp://127.0.0.1:${port}` }), message('t'))
  expect(outcome).toMatchObject({ status: 'retry', reason: expect.stringContaining('ECONNREFUSED') })
  await plugin.stop?.()
  expect((await send(start({ smtp: { host: 'mail.invalid', port: 25 } }), message('t'))).status).toBe('retry')
})

it.each(['connect', 'mail', 'recipient'] as const)('tries again when the line breaks before the mail has left (%s)', async (moment) => {
  server.on[moment] = () => server.cut()
  expect((await send(start(), message('t'))).status).toBe('retry')
  expect(server.taken()).toBe(0)
})

it('tries again when the line breaks in the middle of the mail', async () => {
  let begun = false
  server.on.data = () => {
    begun = true
    server.cut()
  }
  expect((await send(start({}, LONG), message('t', long))).status).toBe('retry')
  expect(begun).toBe(true)
  expect(server.taken()).toBe(0)
})

it('does not know when the line breaks after the mail has left, and does not send it twice', async () => {
  server.on.dataEnd = () => server.cut()
  const outcome = await send(start(), message('t'))
  expect(outcome).toMatchObject({ status: 'unknown', reason: expect.stringContaining('no answer after the whole mail was sent') })
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(server.taken()).toBe(1)
})

it('does not know when the answer to the mail does not come in time', async () => {
  let release = (): void => {}
  server.on.dataEnd = () => new Promise<void>((resolve) => (release = resolve))
  expect((await send(start({ timeout: 400 }), message('t'))).status).toBe('unknown')
  release()
  expect(server.taken()).toBe(1)
})

it('tries again when the server does not even greet in time', async () => {
  let release = (): void => {}
  server.on.connect = () => new Promise<void>((resolve) => (release = resolve))
  expect((await send(start({ timeout: 300 }), message('t'))).status).toBe('retry')
  release()
})

it.each([
  ['before the mail left: it goes again', 'connect', 'retry'],
  ['after it left: nobody knows', 'dataEnd', 'unknown'],
] as const)('ends at once when the host no longer wants it, %s', async (_, when, status) => {
  const stop = new AbortController()
  let release = (): void => {}
  server.on[when] = () => {
    stop.abort()
    return new Promise<void>((resolve) => (release = resolve))
  }
  expect((await send(start(), message('t'), ada(), stop.signal)).status).toBe(status)
  release()
})

it('tells the two apart for a signed mail too', async () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const dkim = { domainName: 'acme.example', keySelector: 'k', privateKey }
  server.on.recipient = () => server.cut()
  expect((await send(start({ smtp: { host: '127.0.0.1', port: server.port, dkim } }), message('t'))).status).toBe('retry')
  server.on = { dataEnd: () => server.cut() }
  expect((await send(plugin, message('t'))).status).toBe('unknown')
  server.on = {}
  expect((await send(plugin, message('t'))).status).toBe('sent')
  expect(server.received[0]?.headers.has('dkim-signature')).toBe(true)
})

it('sends nothing before it is started nor after it is stopped', async () => {
  start()
  await plugin.stop?.()
  await expect(send(plugin, message('t'))).rejects.toMatchObject({ code: 'EMAIL_NOT_STARTED' })
})
