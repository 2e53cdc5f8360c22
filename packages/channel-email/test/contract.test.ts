import type { Receiver } from '@waymark/testkit/plugin'
import { describeChannel } from '@waymark/testkit/plugin'
import { email } from '../src/index.ts'
import { startServer, type TestServer } from './smtp.ts'

describeChannel('email', async () => {
  const server = await startServer()
  return {
    plugin: email({
      from: 'Acme <hello@acme.example>',
      smtp: { host: '127.0.0.1', port: server.port },
      templates: { t: { subject: 'Hello', text: 'Welcome' } },
      timeout: 3_000,
    }),
    message: email.template('t'),
    recipient: { profile: 'p1', userId: 'u1', traits: { email: 'ada@example.com' } },
    receiver: receiverOf(server),
  }
})

/** The mail server as the suite sees it: what it can do badly is break the line, before or after a mail is taken, or say nothing. */
function receiverOf(server: TestServer): Receiver {
  const once = (moment: 'mail' | 'dataEnd', act: () => void | Promise<void>) => {
    server.on[moment] = () => {
      delete server.on[moment]
      return act()
    }
  }
  return {
    stored: server.received,
    dedups: false,
    plays: ['reset', 'lost', 'silent'],
    next(...faults) {
      for (const { kind } of faults) {
        if (kind === 'reset') once('mail', () => server.cut())
        if (kind === 'lost') once('dataEnd', () => server.cut())
        if (kind === 'silent') once('mail', () => new Promise(() => {}))
      }
    },
    stop: () => server.close(),
  }
}
