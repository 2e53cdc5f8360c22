export type { Region } from './hosts.ts'
export { mixpanel } from './mixpanel.ts'
export type {
  IdentityMode,
  MixpanelCohortOptions,
  MixpanelEraserOptions,
  MixpanelExportOptions,
  MixpanelOptions,
  MixpanelProfilesOptions,
  MixpanelSinkOptions,
  ServiceAccount,
} from './options.ts'
