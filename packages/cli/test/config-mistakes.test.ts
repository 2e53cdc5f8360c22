import { afterAll, describe, expect, it } from 'vitest'
import { type Folder, scratchFolder, waymark } from './run.ts'

const folders: Folder[] = []
afterAll(() => {
  for (const folder of folders.splice(0)) folder.remove()
})

/** Runs a config of these files, the first being the config itself. */
async function report(files: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const folder = scratchFolder()
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) folder.write(name, text)
  const ran = await waymark(['quarantine', '--config', Object.keys(files)[0] ?? '', ...args], { cwd: folder.path })
  return { ...ran, folder: folder.path }
}

const MISTAKES: readonly { readonly name: string; readonly files: Readonly<Record<string, string>>; readonly says: readonly string[] }[] = [
  {
    name: 'a syntax error in TypeScript',
    files: { 'waymark.config.ts': "import { plan } from '../plan.ts'\n\nexport default {\n  plan,\n  rules: [}\n}\n" },
    says: ['Expression expected', 'at     waymark.config.ts:5:11', '> 5 |   rules: [}'],
  },
  {
    name: 'a syntax error in JavaScript',
    files: { 'waymark.config.mjs': 'export default {\n  plan: = 1,\n}\n' },
    says: ["Unexpected token '='", 'at     waymark.config.mjs:2:9'],
  },
  {
    name: 'a syntax error in what the config imports',
    files: { 'waymark.config.ts': "import './rules.mjs'\nexport default {}\n", 'rules.mjs': 'const a = 1\nconst b = {{\n' },
    says: ["Unexpected token '{'", 'at     rules.mjs:2:12'],
  },
  {
    name: 'syntax that Node does not strip',
    files: { 'waymark.config.ts': 'const a = 1\nenum Feature { A }\nexport default Feature\n' },
    says: ['enum is not supported', 'at     waymark.config.ts:2', 'without enum'],
  },
  {
    name: 'an exception',
    files: { 'waymark.config.ts': 'export default {\n  rules: undefined as never,\n  plan: (undefined as any).events,\n}\n' },
    says: ["TypeError: Cannot read properties of undefined (reading 'events')", 'at     waymark.config.ts:3:28'],
  },
  {
    name: 'an exception inside a package, placed where the config called it',
    files: {
      'waymark.config.ts':
        "import { plan } from '../plan.ts'\n\nconst used = plan.behaviour.did('feature_used').within('2 days' as '2d')\nexport default { plan, used }\n",
    },
    says: ["'2 days' is not a duration", 'at     waymark.config.ts:3:49', "for example '30m'"],
  },
  {
    name: 'something thrown that is no error',
    files: { 'waymark.config.ts': "throw 'no more'\n" },
    says: ['the config threw "no more"', 'at     waymark.config.ts', 'throw an Error'],
  },
  {
    name: 'a package that is not installed',
    files: { 'waymark.config.ts': "\nimport { nowhere } from 'waymark-adapter-nowhere/source'\nexport default nowhere\n" },
    says: ["the package 'waymark-adapter-nowhere' is not installed", 'at     waymark.config.ts:2:25', 'npm install waymark-adapter-nowhere'],
  },
  {
    name: 'an import without its ending',
    files: { 'waymark.config.ts': "import { plan } from '../plan'\nexport default { plan }\n" },
    says: ['there is no file ../plan', 'at     waymark.config.ts:1:22', "'../plan.ts'"],
  },
  {
    name: 'an import of .js where .ts is',
    files: { 'waymark.config.ts': "import { rules } from './rules.js'\nexport default { rules }\n", 'rules.ts': 'export const rules = []\n' },
    says: ['there is no file rules.js', 'at     waymark.config.ts:1:23', "'./rules.ts'"],
  },
  {
    name: 'an import of a name that is not there',
    files: { 'waymark.config.ts': "import { plann } from '../plan.ts'\nexport default { plan: plann }\n" },
    says: ["does not provide an export named 'plann'", 'at     waymark.config.ts:1:10'],
  },
  {
    name: 'no default export',
    files: { 'waymark.config.ts': "export { plan } from '../plan.ts'\n" },
    says: ['the config has no default export', 'at     waymark.config.ts', 'export default defineWaymark({'],
  },
  {
    name: 'several problems at once, each with its line, also in an imported file',
    files: {
      'waymark.config.ts': [
        "import { sqlite } from '@waymark/store-sqlite'",
        "import { note } from '../channel.ts'",
        "import { plan } from '../plan.ts'",
        "import { tip } from './rules.ts'",
        'export default {',
        '  plan,',
        '  segmnts: [],',
        '  rules: [tip],',
        '  plugins: [note],',
        '  governance: {',
        "    frequencyCap: { max: 3, per: '1 day' },",
        '  },',
        "  store: sqlite(':memory:'),",
        '}',
      ].join('\n'),
      'rules.ts': [
        "import { say } from '../channel.ts'",
        "import { plan } from '../plan.ts'",
        "export const tip = plan.rule('tip', {",
        "  when: plan.behaviour.did('feature_usd' as 'feature_used'),",
        "  send: say('Hello'),",
        '})',
      ].join('\n'),
    },
    says: [
      'the config has 3 problems',
      'segmnts  (waymark.config.ts:7)',
      "Did you mean 'segments'?",
      '(rules.ts:4)',
      "no event 'feature_usd'",
      'governance.frequencyCap.per  (waymark.config.ts:11)',
      'fix: ',
    ],
  },
]

describe('a config that is wrong is reported with place and mend, and ends with 2', () => {
  it.concurrent.each(MISTAKES)('$name', async ({ files, says }) => {
    const { status, stdout, stderr } = await report(files)
    expect(status).toBe(2)
    expect(stdout).toBe('')
    for (const part of says) expect(stderr).toContain(part)
    expect(stderr).not.toMatch(/^\s+at .*node:/m)
  })

  it('shows the stack only when asked', async () => {
    const { stderr } = await report({ 'waymark.config.ts': "throw new Error('broken')\n" }, ['--debug'])
    expect(stderr).toMatch(/^\s*at .*waymark\.config\.ts:1:7/m)
  })

  it('with --json the error is the document', async () => {
    const { status, stdout } = await report({ 'waymark.config.ts': "throw new Error('broken')\n" }, ['--json'])
    expect(status).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'CONFIG_BROKEN', message: expect.stringContaining('broken'), place: 'waymark.config.ts:1:7' } })
  })

  it('without any config it says where it looked and how to make one', async () => {
    const folder = scratchFolder()
    folders.push(folder)
    const { status, stderr } = await waymark(['replay', '-'], { cwd: folder.path })
    expect(status).toBe(2)
    expect(stderr).toContain(`no waymark.config.ts, waymark.config.js, waymark.config.mjs in ${folder.path}`)
    expect(stderr).toContain('export default defineWaymark({')
    const named = await waymark(['replay', '-', '--config', 'other.ts'], { cwd: folder.path })
    expect(named.status).toBe(2)
    expect(named.stderr).toContain(`there is no ${folder.path}/other.ts`)
  })
})
