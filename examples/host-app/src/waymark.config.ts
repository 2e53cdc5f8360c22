import { fileURLToPath } from 'node:url'
import { segment } from '@waymark/adapter-segment'
import { email } from '@waymark/channel-email'
import { inApp } from '@waymark/channel-in-app'
import { defineWaymark, type WaymarkConfig } from '@waymark/core'
import { sqlite } from '@waymark/store-sqlite'
import { templates } from './email-templates.ts'
import { plan } from './plan.ts'
import { advancedTip, comeBack, coreBenefits } from './rules.ts'
import { engagement, explorer } from './segments.ts'
import { WRITE_KEYS } from './write-keys.ts'

export interface HostAppConfigOptions {
  /** Path of the SQLite file. */
  readonly database: string
  readonly smtp: { readonly host: string; readonly port: number }
}

/** The product's Waymark config, for a database and a mail server of one's choice. */
export function hostAppConfig({ database, smtp }: HostAppConfigOptions): WaymarkConfig {
  return defineWaymark({
    plan,
    segments: [engagement, explorer],
    rules: [advancedTip, coreBenefits, comeBack],
    plugins: [
      segment({ writeKeys: { [WRITE_KEYS.web]: 'web', [WRITE_KEYS.server]: 'server' } }),
      inApp(),
      email({ from: 'Fieldnotes <hello@fieldnotes.example>', smtp, templates }),
    ],
    store: sqlite(database),
    governance: {
      frequencyCap: { max: 3, per: '1d' },
      quietHours: { from: '21:00', to: '08:00' },
      // Nobody is opted in by silence: messages go to people who chose them.
      consent: { unset: { personalization: 'denied', marketing: 'denied' } },
    },
  })
}

export function smtpFromEnvironment(): HostAppConfigOptions['smtp'] {
  return { host: process.env['SMTP_HOST'] ?? '127.0.0.1', port: Number(process.env['SMTP_PORT'] ?? 2525) }
}

const config: WaymarkConfig = hostAppConfig({
  database: process.env['WAYMARK_DB'] ?? fileURLToPath(new URL('../.waymark/host-app.db', import.meta.url)),
  smtp: smtpFromEnvironment(),
})
export default config
