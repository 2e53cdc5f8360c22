export { type InApp, inApp } from './in-app.ts'
export type { Action, Banner, Modal, Tooltip } from './messages.ts'
