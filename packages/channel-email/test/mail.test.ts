import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Plugin } from '@waymark/core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { EmailOptions } from '../src/index.ts'
import { ada, message, NOW, reasonOf, send, started } from './fixtures.ts'
import { type Received, startServer, type TestServer } from './smtp.ts'

let server: TestServer
let plugin: Plugin | undefined
beforeAll(async () => {
  server = await startServer()
})
beforeEach(() => {
  server.received.length = 0
})
afterEach(async () => {
  await plugin?.stop?.()
})
afterAll(async () => server.close())

/** Sends one mail of the template and gives back what arrived. */
async function arrives(
  template: { subject: string; text?: string; html?: string },
  { traits = {}, data = undefined as Parameters<typeof message>[1], options = {} as Partial<EmailOptions> } = {},
): Promise<Received> {
  plugin = started(server.port, { t: template }, options)
  expect(await send(plugin, message('t', data), ada(traits))).toMatchObject({ status: 'sent' })
  expect(server.received).toHaveLength(1)
  return server.received[0] as Received
}

/** Sends one mail of the template, which must be refused before anything is sent. */
async function refused(template: { subject: string; text?: string; html?: string }, traits = {}, data?: Parameters<typeof message>[1]): Promise<string> {
  plugin = started(server.port, { t: template })
  const outcome = await send(plugin, message('t', data), ada(traits))
  expect(outcome.status).toBe('rejected')
  expect(server.received).toHaveLength(0)
  return reasonOf(outcome)
}

it('brings both parts with traits, data and user, to the one address', async () => {
  const mail = await arrives(
    {
      subject: '{{ traits.name }}, see {{ data.feature }}',
      text: 'Hello {{ traits.name }} ({{ user.userId }})',
      html: '<p>Hello <b>{{ traits.name }}</b></p>',
    },
    { data: { feature: 'A' }, options: { replyTo: 'Help <help@acme.example>' } },
  )
  expect(mail.subject).toBe('Ada, see A')
  expect(mail.text?.trim()).toBe('Hello Ada (u1)')
  expect(mail.html).toContain('<p>Hello <b>Ada</b></p>')
  expect(mail.from?.text).toBe('"Acme" <hello@acme.example>')
  expect(mail.replyTo?.text).toBe('"Help" <help@acme.example>')
  expect(mail.to1).toBe('ada@example.com')
  expect(mail.headers.get('content-type')).toMatchObject({ value: 'multipart/alternative' })
  expect(mail.date?.getTime()).toBe(NOW)
})

it('names the same mail the same on every attempt', async () => {
  const key = createHash('sha256').update('rule:u1:1').digest('hex')
  plugin = started(server.port, { t: { subject: 's', text: 't' } })
  await send(plugin, message('t'))
  await send(plugin, message('t'))
  await send(plugin, message('t', undefined, 'rule:u2:1'))
  expect(server.received.map((mail) => mail.messageId)).toEqual([`<${key}@acme.example>`, `<${key}@acme.example>`, expect.not.stringContaining(key)])
  expect(server.received[0]?.headers.get('x-waymark-key')).toBe(key)
})

it('escapes in html and nowhere else', async () => {
  const name = 'Tom & <b>Jerry</b>'
  const mail = await arrives({ subject: 'Hi {{ traits.name }}', text: 'Hi {{ traits.name }}', html: '<p>Hi {{ traits.name }}</p>' }, { traits: { name } })
  expect(mail.subject).toBe(`Hi ${name}`)
  expect(mail.text?.trim()).toBe(`Hi ${name}`)
  expect(mail.html).toContain('<p>Hi Tom &amp; &lt;b&gt;Jerry&lt;/b&gt;</p>')
})

it('makes the text of the html where there is none', async () => {
  const mail = await arrives(
    { subject: 's', html: '<h1>Hi {{ traits.name }}</h1><p>Read <a href="https://acme.example/a">more</a></p>' },
    { traits: { name: 'A & B' } },
  )
  expect(mail.text).toContain('A & B')
  expect(mail.text).toContain('more [https://acme.example/a]')
  expect(mail.text).not.toContain('<')
})

it('takes what a trait holds for data, never for a template', async () => {
  const name = "{{ 7 | times: 7 }}{% assign x = 'y' %}"
  const mail = await arrives({ subject: '{{ traits.name }}', text: '{{ traits.name }}' }, { traits: { name } })
  expect(mail.subject).toBe(name)
  expect(mail.text?.trim()).toBe(name)
})

it('keeps a line break in a trait from adding headers', async () => {
  const mail = await arrives({ subject: 'Hi {{ traits.name }}', text: 't' }, { traits: { name: 'Ada\r\nBcc: eve@example.com\r\n\r\nbody' } })
  expect(mail.subject).toBe('Hi Ada Bcc: eve@example.com body')
  expect(mail.bcc).toBeUndefined()
  expect(mail.raw).not.toMatch(/^Bcc:/im)
  expect(mail.to1).toBe('ada@example.com')
})

it.each(['a@example.com, b@example.com', 'Eve <eve@example.com>', 'a@example.com\r\nRCPT TO:<b@example.com>', 'nobody', 7])(
  'refuses %j as an address',
  async (address) => {
    expect(await refused({ subject: 's', text: 't' }, { email: address })).toBe(
      'user u1 has no usable email address: traits.email must hold one address and nothing else',
    )
  },
)

it('refuses when there is no address, and takes it from where the config says', async () => {
  expect(await refused({ subject: 's', text: 't' }, { email: null })).toBe('user u1 has no email address: set traits.email')
  await plugin?.stop?.()
  const mail = await arrives(
    { subject: 's', text: 't' },
    { traits: { work: 'ada@work.example' }, options: { address: ({ traits }) => traits['work'] as string } },
  )
  expect(mail.to1).toBe('ada@work.example')
})

it.each([
  ['missing', { name: undefined }],
  ['null', { name: null }],
  ['blank', { name: ' ' }],
])('refuses a %s variable by its name', async (_how, traits) => {
  expect(await refused({ subject: 's', text: 'Hello,\nHi {{ traits.name }},' }, traits)).toBe(
    "template 't', text, line 2: traits.name is missing or empty; set it, or write {{ traits.name | default: '…' }}",
  )
})

it('refuses missing data, a missing user id, and what an object inherits', async () => {
  expect(await refused({ subject: '{{ data.offer.price }}', text: 't' })).toContain("template 't', subject, line 1: data.offer is missing")
  expect(await refused({ subject: 's', text: 't', html: '{{ traits.constructor }}' })).toContain("template 't', html, line 1: traits.constructor is missing")
})

it('allows absence where the template does', async () => {
  const mail = await arrives(
    {
      subject: 'Hi {{ traits.name | default: "there" }}',
      text: '{{ traits.company.name | default: "your team" }}|{% if traits.name %}yes{% else %}no{% endif %}|{% unless traits.company.size %}small{% endunless %}',
      html: '{{ traits.name | default: "<you>" }}',
    },
    { traits: { name: null } },
  )
  expect(mail.subject).toBe('Hi there')
  expect(mail.text?.trim()).toBe('your team|no|small')
  expect(mail.html).toContain('&lt;you&gt;')
})

it.each([
  [`${'{% for i in data.many %}'.repeat(6)}${'{% endfor %}'.repeat(6)}`, 'template render limit exceeded'],
  ['{% for i in (1..999999999) %}x{% endfor %}', 'memory alloc limit exceeded'],
  ['{% assign s = "0123456789" %}{% for i in (1..40) %}{% assign s = s | append: s %}{% endfor %}{{ s }}', 'memory alloc limit exceeded'],
])('stops a template that does not come to an end: %s', async (text, reason) => {
  const before = performance.now()
  expect(await refused({ subject: 's', text }, {}, { many: Array.from({ length: 100 }, () => 1) })).toContain(reason)
  expect(performance.now() - before).toBeLessThan(5_000)
})

it('refuses a mail without a subject, and a part grown out of hand', async () => {
  expect(await refused({ subject: ' {% if traits.none %}x{% endif %} ', text: 't' })).toBe("template 't', subject: it came out empty")
  const long = '{% for i in (1..3000) %}{{ data.long }}{% endfor %}'
  expect(await refused({ subject: 's', text: long }, {}, { long: 'x'.repeat(1_000) })).toContain('it came out longer than 2000000 characters')
})

it('reads templates from a folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'templates-'))
  try {
    writeFileSync(join(folder, 'welcome.subject.liquid'), 'Welcome {{ traits.name }}\n')
    writeFileSync(join(folder, 'welcome.text.liquid'), 'Good to see you.')
    writeFileSync(join(folder, 'README.md'), '{{ not liquid')
    plugin = started(server.port, folder)
    expect(await send(plugin, message('welcome'))).toMatchObject({ status: 'sent' })
    expect(server.received[0]?.subject).toBe('Welcome Ada')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
