import { segment } from '@waymark/adapter-segment'
import { definePlan, defineWaymark } from '@waymark/core'
import { sqlite } from '@waymark/store-sqlite'
import { z } from 'zod'

const plan = definePlan({ events: { used: z.object({ feature: z.string() }) }, traits: z.object({ email: z.email().optional() }) })

export default defineWaymark({ plan, plugins: [segment({ writeKeys: { key: 'web' } })], store: sqlite(process.env['WAYMARK_TEST_DB'] ?? ':memory:') })
