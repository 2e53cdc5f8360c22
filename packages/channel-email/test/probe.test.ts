import { afterAll, beforeAll, expect, it } from 'vitest'
import { email } from '../src/index.ts'
import { startServer, type TestServer } from './smtp.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const probe = (smtp: Parameters<typeof email>[0]['smtp']): Promise<void> | undefined =>
  email({ from: 'a@acme.example', smtp, templates: { t: { subject: 's', text: 't' } }, timeout: 2_000 }).probe?.()

it('passes where the server answers, and sends nothing', async () => {
  await expect(probe({ host: '127.0.0.1', port: server.port })).resolves.toBeUndefined()
  expect([server.received.length, server.taken()]).toEqual([0, 0])
})

it('says that the server cannot be reached, and where it was looked for', async () => {
  await expect(probe('smtp://127.0.0.1:1')).rejects.toMatchObject({
    code: 'EMAIL_SERVER_UNREACHABLE',
    message: expect.stringContaining('127.0.0.1:1'),
    mend: expect.stringContaining('host and port'),
  })
})

it('says that the login was refused, without the password', async () => {
  const refused = probe({ host: '127.0.0.1', port: server.port, auth: { user: 'mailer', pass: 'hunter2' } })
  await expect(refused).rejects.toMatchObject({
    code: 'EMAIL_LOGIN_REFUSED',
    message: expect.not.stringContaining('hunter2'),
    mend: expect.stringContaining('password'),
  })
})
