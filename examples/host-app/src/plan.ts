import { definePlan } from '@waymark/core'
import { z } from 'zod'

/** What Fieldnotes tells Waymark. Features: A is Boards, B is Automations, C is Reports. */
export const plan = definePlan({
  events: {
    signed_up: z.object({ plan: z.enum(['free', 'pro']) }),
    feature_used: z.object({ feature: z.enum(['A', 'B', 'C']), advanced: z.boolean().default(false) }),
    onboarding_step_completed: z.object({ step: z.string() }),
    onboarding_skipped: z.object({ screen: z.string() }),
  },
  traits: z.object({
    name: z.string().optional(),
    email: z.email().optional(),
    plan: z.string().optional(),
  }),
})
