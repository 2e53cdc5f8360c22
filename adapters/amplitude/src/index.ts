export { amplitude } from './amplitude.ts'
export type { AmplitudeOptions, AmplitudeSinkOptions, EraseOptions, ExportOptions, WebhookOptions } from './options.ts'
export type { RestOptions } from './rest.ts'
