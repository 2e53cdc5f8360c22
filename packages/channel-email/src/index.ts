export type { Email } from './email.ts'
export { email } from './email.ts'
export type { EmailOptions, TemplateSource } from './options.ts'
