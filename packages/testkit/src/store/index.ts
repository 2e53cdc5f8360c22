export { describeStore } from './describe-store.ts'
export { entry, event, NOW, otherEntry, sent, snapshot, suppressed } from './samples.ts'
export { writeForEver } from './write-for-ever.ts'
