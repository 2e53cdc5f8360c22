export { type ErasureRow, erasureBody, jobsOf, toErasure } from './erasures.ts'
export { newerVersion, notOpen, olderVersion, openedToRead, transactionOver } from './errors.ts'
export { byEvent } from './event-order.ts'
export {
  type JournalRow,
  type LetterRow,
  type LogRow,
  type MessageRow,
  type QuarantineRow,
  toDeadLetter,
  toJournalEntry,
  toJson,
  toLogEntry,
  toMessage,
  toQuarantined,
} from './rows.ts'
export { fromText, toText } from './text.ts'
export { createTurns, type Turns } from './turns.ts'
