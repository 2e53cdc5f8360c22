export type { SegmentOptions, SegmentPrivacyOptions, SegmentSinkOptions, SegmentWebhookOptions } from './options.ts'
export { segment } from './segment.ts'
