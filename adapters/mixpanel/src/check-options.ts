import { optionChecks } from '@waymark/kit'
import { HOSTS } from './hosts.ts'
import type { MixpanelOptions } from './options.ts'

const { wrong, expectKnown, expectMapping, expectMirror, expectName, expectPositive, expectSenders, expectText, expectUrl } = optionChecks('mixpanel')

/** Most days that are fetched again: the host remembers message ids for seven. */
const MOST_OVERLAP = 6

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  serviceAccount: ['username', 'secret', 'projectId'],
  sink: ['token', 'host', 'timeout', 'learned'],
  export: ['since', 'overlapDays', 'timezone', 'events', 'where', 'every', 'host'],
  profiles: ['cohort', 'every', 'host'],
  cohorts: ['username', 'password', 'traits'],
  eraser: ['token', 'oauthToken', 'complianceType', 'host'],
}
const PLAIN: readonly string[] = ['name', 'receive', 'tokens', 'region', 'identity', 'groupKey', 'mapping', 'mirror']

/** What each part cannot do without, and where it is to be had. */
const NEEDED: readonly (readonly [part: keyof MixpanelOptions, option: string, mend: string])[] = [
  ['serviceAccount', 'username', 'create a service account: Organization settings > Service accounts'],
  ['serviceAccount', 'secret', 'it is shown once, when the service account is created'],
  ['serviceAccount', 'projectId', 'copy it from Settings > Project details'],
  ['sink', 'token', 'copy the project token from Settings > Access Keys'],
  ['cohorts', 'username', 'choose one, and give it to the webhook integration of Mixpanel too'],
  ['cohorts', 'password', 'choose one, and give it to the webhook integration of Mixpanel too'],
  ['eraser', 'token', 'copy the project token from Settings > Access Keys'],
  ['eraser', 'oauthToken', 'create one: Account settings > Data & Privacy'],
]

/** Throws a `WaymarkError` that names the option and how to mend it. */
export function checkOptions(options: MixpanelOptions): void {
  expectKnown(options, [...PLAIN, ...Object.keys(KNOWN)])
  expectName(options.name)
  expectMapping(options.mapping)
  for (const [part, known] of Object.entries(KNOWN)) {
    const given = options[part as keyof MixpanelOptions]
    if (typeof given === 'object') expectKnown(given, known, `${part}.`)
  }
  for (const [part, option, mend] of NEEDED) {
    const given = options[part] as Readonly<Record<string, unknown>> | undefined
    if (given !== undefined) expectText(`${part}.${option}`, given[option], mend)
  }
  for (const part of ['sink', 'export', 'profiles', 'eraser'] as const) {
    const host = options[part]?.host
    if (host !== undefined) expectUrl(`${part}.host`, host)
  }
  checkWords(options)
  expectSenders('tokens', options.tokens)
  expectMirror(options.mirror)
  checkSources(options)
  expectPositive('sink.timeout', options.sink?.timeout, 'give milliseconds, such as 10_000')
}

function checkWords({ region, identity, groupKey, eraser }: MixpanelOptions): void {
  if (region !== undefined && !Object.hasOwn(HOSTS, region)) throw wrong('region', `'${region}' is none`, `write one of ${Object.keys(HOSTS).join(', ')}`)
  if (identity !== undefined && identity !== 'simplified' && identity !== 'original') {
    throw wrong('identity', `'${identity as string}' is none`, 'write simplified or original, as Settings > Identity Merge of the project says')
  }
  if (groupKey === '') throw wrong('groupKey', 'it is empty', 'write the group key of the project, such as company')
  const law = eraser?.complianceType
  if (law !== undefined && law !== 'GDPR' && law !== 'CCPA') throw wrong('eraser.complianceType', `'${law as string}' is none`, 'write GDPR or CCPA')
}

function checkSources({ serviceAccount, profiles, export: exported }: MixpanelOptions): void {
  for (const [part, given] of Object.entries({ export: exported, profiles })) {
    if (given !== undefined && serviceAccount === undefined) {
      throw wrong('serviceAccount', `${part} needs one`, 'create a service account: Organization settings > Service accounts')
    }
  }
  expectPositive('profiles.every', profiles?.every, 'give milliseconds, such as 86_400_000')
  if (exported === undefined) return
  expectPositive('export.every', exported.every, 'give milliseconds, such as 3_600_000')
  const { since, overlapDays = 0, timezone } = exported
  if (!/^\d{4}-\d{2}-\d{2}$/.test(String(since)) || Number.isNaN(Date.parse(since))) {
    throw wrong('export.since', `'${since}' is no day`, "write one as in '2026-01-31'")
  }
  if (!Number.isInteger(overlapDays) || overlapDays < 0 || overlapDays > MOST_OVERLAP) {
    throw wrong('export.overlapDays', `${overlapDays} is not from 0 to ${MOST_OVERLAP}`, 'what is fetched again later than that would count twice')
  }
  if (timezone !== undefined && !isTimezone(timezone)) throw wrong('export.timezone', `'${timezone}' is none`, "write one as in 'Europe/Paris'")
}

function isTimezone(timezone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
