import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { firebase } from '../src/index.ts'
import { CARRIER, CONSENT, ROWS } from '../src/mapping.ts'
import { APP } from './events.ts'

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const google = { project: 'p' }

describe('options', () => {
  it.each<[string, unknown]>([
    ['streem', { streem: {} }],
    ['name', { name: 'Fire Base' }],
    ['streams', { streams: {} }],
    ["streams['a'].apiSecret", { streams: { a: { name: 'app' } } }],
    ['sink.streams', { sink: {} }],
    ['sink.region', { sink: { streams: { [APP]: 's' }, region: 'us' } }],
    ['sink.host', { sink: { streams: { [APP]: 's' }, host: 'example.com' } }],
    ['sink.late', { sink: { streams: { [APP]: 's' }, late: 'drop' } }],
    ['sink.learned', { sink: { streams: { [APP]: 's' }, learned: ['traits'] } }],
    ['mapping.incoming', { mapping: { incoming: { sign_up: 7 } } }],
    ['mirror.to', { mirror: { to: 'example.com' } }],
    ['google', { auth: {} }],
    ['bigquery.dataset', { google, bigquery: { dataset: 'a.b' } }],
    ['bigquery.from', { google, bigquery: { dataset: 'a', from: 'May' } }],
    ['firestore', { google, firestore: { 'users/u1': { event: 'x' } } }],
    ['eraser.bigquery', { google, eraser: { bigquery: true } }],
    ['eraser.property', { google, eraser: { property: 'G-1' } }],
  ])('names a wrong %s', (option, options) => {
    expect(() => firebase(options as never)).toThrow(expect.objectContaining({ code: 'FIREBASE_OPTION_INVALID', place: `firebase.${option}` }))
  })

  it('loads nothing of Google before it is needed', () => {
    const script = `
      import { registerHooks } from 'node:module'
      const loaded = []
      registerHooks({ resolve(name, context, next) { if (/firebase-admin|@google-cloud|google-auth/.test(name)) loaded.push(name); return next(name, context) } })
      const { firebase } = await import('@waymark/adapter-firebase')
      const plugin = firebase({ google: { project: 'p' }, auth: {}, bigquery: { dataset: 'd' }, memberships: {}, firestore: { users: { event: 'x' } }, eraser: { auth: true } })
      plugin.start({ log: { warn() {} } })
      console.log(JSON.stringify(loaded))`
    const shown = execFileSync(process.execPath, ['--conditions=@waymark/source', '--input-type=module', '-e', script], {
      cwd: join(import.meta.dirname, '..'),
      encoding: 'utf8',
    })
    expect(JSON.parse(shown)).toEqual([])
  })
})

describe('README', () => {
  it('prints the mapping as the code has it', () => {
    const rows = ROWS.map(({ type, name, also, fields, rest }) => {
      const names = [...new Set([name.app, name.web])].map((one) => `\`${one}\``).join(' (app), ') + (name.app === name.web ? '' : ' (web)')
      const read = also.map((one) => `\`${one}\``).join(', ')
      const params = Object.entries(fields).map(([ours, theirs]) => `${ours}: ${theirs.map((one) => `\`${one}\``).join(', ')}`)
      return `| ${type} | ${names} | ${read} | ${params.join('; ')} | ${rest} |`
    })
    for (const row of rows) expect(readme).toContain(row)
    for (const [kind, categories] of Object.entries(CONSENT))
      expect(readme).toContain(`| \`${kind}\` | ${categories.map((one) => `\`${one}\``).join(', else ')} |`)
    expect(readme).toContain(`\`${CARRIER}\``)
  })
})
