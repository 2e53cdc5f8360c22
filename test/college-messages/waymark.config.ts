import { definePlan, defineWaymark } from '@waymark/core'
import { sqlite } from '@waymark/store-sqlite'
import { z } from 'zod'

const plan = definePlan({
  events: { message_sent: z.object({ to: z.string() }) },
  traits: z.object({}),
})
const { did, inactive, otherwise } = plan.behaviour

export default defineWaymark({
  plan,
  segments: [
    plan.segments('engagement', {
      engaged: did('message_sent').distinct('to').atLeast(3).within('48h').of('message_sent'),
      'at-risk': otherwise,
    }),
    plan.segments('silence', { silent: inactive('7d') }),
    plan.segments('days', {
      'three-days': did('message_sent').atLeast(3).across(3, 'days').within('7d'),
    }),
    plan.segments('sessions', {
      'three-sessions': did('message_sent').atLeast(3).across(3, 'sessions').within('7d'),
    }),
  ],
  store: sqlite(':memory:'),
})
