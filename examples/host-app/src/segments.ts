import { plan } from './plan.ts'

const { did, otherwise, sequence } = plan.behaviour

/** Every user is in exactly one of these; whoever has not tried three features two days after signing up is at risk. */
export const engagement = plan.segments('engagement', {
  engaged: did('feature_used').distinct('feature').atLeast(3).within('48h').of('signed_up'),
  'at-risk': otherwise,
})

export const explorer = plan.segments('explorer', {
  'power-user': did('feature_used', { advanced: true }).atLeast(1).within('7d').of('signed_up'),
  'new-explorer': sequence('signed_up', 'onboarding_step_completed').within('7d').and(did('feature_used').never()),
})
