import { describeChannel } from '@waymark/testkit/plugin'
import { inApp } from '../src/index.ts'

// The inbox is the delivery, so there is no line that could fail.
describeChannel('in-app', () => ({
  plugin: inApp(),
  message: inApp.modal({ title: 'Welcome', body: 'Begin here.' }),
  recipient: { profile: 'p1', userId: 'u1', traits: {} },
}))
