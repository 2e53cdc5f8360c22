export type { SegmentOptions, SegmentSinkOptions } from './options.ts'
export { segment } from './segment.ts'
