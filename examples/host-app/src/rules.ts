import { email } from '@waymark/channel-email'
import { inApp } from '@waymark/channel-in-app'
import { APP_URL } from './app-url.ts'
import { plan } from './plan.ts'

const { did, inactive } = plan.behaviour

/** Who keeps coming back to Boards is ready for more of it. */
export const advancedTip = plan.rule('advanced-tip', {
  when: did('feature_used', { feature: 'A' }).atLeast(5).across(2, 'sessions'),
  send: inApp.tooltip({
    anchor: '#feature-a',
    title: 'Go further with Boards',
    body: 'Paste a whole list into the card box: every line becomes a card of its own.',
    placement: 'right',
  }),
  limit: { max: 1, per: '7d' },
})

/** Who skips the introduction still hears, once, what Fieldnotes is for. */
export const coreBenefits = plan.rule('core-benefits', {
  when: did('onboarding_skipped').atLeast(1),
  send: inApp.modal({
    title: 'Three things Fieldnotes does for you',
    body: 'Boards hold what the team has to do. Automations move cards, so that nobody has to. Reports show how the week is going.',
    action: { label: 'Open the board', url: '#boards' },
  }),
})

/** Who has been away for a day is told what can be done with the cards that are waiting. */
export const comeBack = plan.rule('come-back', {
  when: inactive('24h'),
  send: email.template('highlights', {
    appUrl: APP_URL,
    highlights: [
      'Paste a list on a board and get one card a line.',
      'Let an automation stamp finished cards with the date.',
      'Open Reports to see the week in one picture.',
    ],
  }),
})
