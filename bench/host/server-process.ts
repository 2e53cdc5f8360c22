import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { segment } from '@waymark/adapter-segment'
import { inApp } from '@waymark/channel-in-app'
import { definePlan } from '@waymark/core'
import { createHost, serve, silentLogger } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { z } from 'zod'
import { answer } from '../child.ts'
import { definition } from '../workload.ts'

/**
 * A server in a process of its own, which answers the question `port` with its port. Arguments: what kind, and the database.
 * - `bare`: reads each request to its end and answers 200.
 * - `workload`: a host with the workload's conditions.
 * - `toggle`: a host that sends an in-app message whenever a user's newest `toggled` is on.
 */
const [kind, file] = process.argv.slice(2) as [string, string]

async function bare(): Promise<number> {
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('{"success":true}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function toggle() {
  const plan = definePlan({ events: { toggled: z.object({ on: z.boolean() }) }, traits: z.object({}) })
  const rule = plan.rule('toggle', {
    when: plan.behaviour.last('toggled').its('on').is(true),
    send: { channel: 'in-app', kind: 'modal', content: { title: 'On', body: 'It is on.' } },
  })
  return { plan, rules: [rule], governance: { consent: { unset: { personalization: 'granted' as const } } } }
}

async function host(): Promise<number> {
  const running = await createHost(
    { ...(kind === 'toggle' ? toggle() : definition), store: sqlite(file), plugins: [segment(), inApp()] },
    { logger: silentLogger },
  )
  const { port } = await serve(running, { port: 0 })
  return port
}

const port = await (kind === 'bare' ? bare() : host())
answer(() => port)
