import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import { definePlan } from '../src/plan/define-plan.ts'

/** A plan of schemas from three libraries, for what compiles and what must not. */
export const plan = definePlan({
  events: {
    signed_up: z.object({ plan: z.enum(['free', 'pro']) }),
    feature_used: z.object({ feature: z.string(), advanced: z.boolean().default(false) }),
    onboarding_step_completed: v.object({ step: v.string(), index: v.optional(v.number()) }),
    onboarding_skipped: type({ screen: 'string' }),
    purchased: type({ amount: 'number', currency: "'EUR' | 'USD'", tags: 'string[]' }),
    trial_started: z.object({ ends: z.coerce.date() }),
    opened: z.looseObject({ from: z.string() }),
    shared: z.union([z.object({ to: z.string() }), z.object({ link: z.url() })]),
    pinged: z.object({}),
  },
  traits: z.object({
    email: z.email().optional(),
    plan: z.enum(['free', 'pro']).optional(),
    seats: z.number().optional(),
    teams: z.array(z.string()).optional(),
  }),
})
