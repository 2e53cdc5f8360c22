import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WaymarkError } from '@waymark/core'
import { expect, it } from 'vitest'
import { type EmailOptions, email } from '../src/index.ts'

const GOOD: EmailOptions = {
  from: 'hello@acme.example',
  smtp: 'smtp://127.0.0.1',
  templates: { highlights: { subject: 's', text: 't' }, welcome: { subject: 's', text: 't' } },
}

function wrong(options: Record<string, unknown>): WaymarkError {
  try {
    email({ ...GOOD, ...options } as EmailOptions)
  } catch (error) {
    if (WaymarkError.is(error)) return error
    throw error
  }
  throw new Error('it was accepted')
}

it('is an outside channel for marketing, and builds messages', () => {
  expect(email(GOOD)).toMatchObject({ name: 'email', purpose: 'marketing', channel: { name: 'email', reach: 'outside' } })
  expect(email.template('highlights', { offer: 1 })).toEqual({ channel: 'email', kind: 'template', content: { template: 'highlights', data: { offer: 1 } } })
  expect(email.template('highlights')).toEqual({ channel: 'email', kind: 'template', content: { template: 'highlights' } })
})

it.each([
  ['from', { from: undefined }, 'missing'],
  ['from', { from: 'a@x.example, b@x.example' }, 'is not an address'],
  ['from', { from: 'Acme <hello@acme.example>\r\nBcc: eve@example.com' }, 'is not an address'],
  ['replyTo', { replyTo: 'nobody' }, 'is not an address'],
  ['smtp', { smtp: undefined }, 'missing'],
  ['smtp', { smtp: 'https://smtp.acme.example' }, 'not an SMTP URL'],
  ['templates', { templates: undefined }, 'missing'],
  ['templates', { templates: {} }, 'there is none'],
  ['templates', { templates: '/no/such/folder' }, 'cannot be read'],
  ['address', { address: 'traits.email' }, 'not a function'],
  ['timeout', { timeout: 90_000 }, 'is not between'],
])('names the option %s and the mend', (field, options, problem) => {
  const error = wrong(options)
  expect(error).toMatchObject({ code: 'EMAIL_OPTION_INVALID', place: `email.${field}`, mend: expect.any(String) })
  expect(error.message).toContain(problem)
})

it.each([
  ['templates.t.subject', { text: 'x' }, 'it is missing'],
  ['templates.t.text', { subject: 'x' }, 'it is missing'],
  ['templates.t.text, line 2', { subject: 's', text: 'Hi\n{% if traits.name %}' }, 'not closed'],
  ['templates.t.html, line 3', { subject: 's', html: '\n\n{{ traits.name | shout }}' }, 'undefined filter: shout'],
  ['templates.t.text, line 1', { subject: 's', text: "{% render 'other' %}" }, 'a mail reads no other files'],
  ['templates.t.text, line 1', { subject: 's', text: '{% include traits.file %}' }, 'a mail reads no other files'],
  ['templates.t.text, line 2', { subject: 's', text: 'Hi\n{{ name }}' }, "there is no variable 'name'"],
  ['templates.t.text, line 1', { subject: 's', text: '{{ trait.name }}' }, "there is no variable 'trait'"],
])('names template, part and line: %s', (place, template, problem) => {
  const error = wrong({ templates: { t: template } })
  expect(error).toMatchObject({ code: 'EMAIL_TEMPLATE_INVALID', place, mend: expect.any(String) })
  expect(error.message).toContain(problem)
})

it('refuses a file in the folder whose part is not clear', () => {
  const folder = mkdtempSync(join(tmpdir(), 'templates-'))
  try {
    writeFileSync(join(folder, 'welcome.liquid'), 'x')
    expect(wrong({ templates: folder })).toMatchObject({ code: 'EMAIL_TEMPLATE_INVALID', place: join(folder, 'welcome.liquid') })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('checks messages when the config is loaded', () => {
  const check = email(GOOD).channel?.check
  expect(check?.('template', { template: 'highlights', data: {} })).toEqual([])
  expect(check?.('template', { template: 'highlihgts' })).toEqual([
    "template: there is no 'highlihgts'. Did you mean 'highlights'? The templates are highlights, welcome.",
  ])
  expect(check?.('template', { template: 'constructor' })).toEqual(["template: there is no 'constructor'. The templates are highlights, welcome."])
  expect(check?.('template', {})).toEqual([expect.stringContaining('template: it is missing')])
  expect(check?.('template', { template: 'welcome', data: [1] })).toEqual([expect.stringContaining('data: it must be an object')])
  expect(check?.('tooltip', { template: 'welcome' })).toEqual([expect.stringContaining("'tooltip' is no kind of email")])
})
