export {
  type All,
  ANY_ACTIVITY,
  type Any,
  type Condition,
  type Did,
  type EventMatch,
  type Holding,
  type Inactive,
  type InSegment,
  type Measure,
  type Not,
  type Occurrence,
  type Operator,
  type Otherwise,
  type Predicate,
  type PropertyTest,
  type Sequence,
  type TraitIs,
  type Window,
} from './behaviour/ast.ts'
export type { Behaviour, HoldingStart, InSegmentStart } from './behaviour/builder.ts'
export type { Comparisons } from './behaviour/builder-comparisons.ts'
export type { ActiveStart, AtLeast, Counted, DidStart, EventStep, Measured, Within } from './behaviour/builder-did.ts'
export type { Expression, OtherwiseMember } from './behaviour/builder-expression.ts'
export type { OccurrenceStart } from './behaviour/builder-occurrence.ts'
export type { Exclusion, SequenceStart, SequenceWithout } from './behaviour/builder-sequence.ts'
export { checkCondition } from './behaviour/check.ts'
export { describe } from './behaviour/english.ts'
export { missing } from './behaviour/english-missing.ts'
export { DIALECTS, type DialectName } from './behaviour/sql/dialects.ts'
export type { ReadingOptions } from './behaviour/sql/prepare.ts'
export { type SegmentSqlOptions, segmentSql } from './behaviour/sql/segment-sql.ts'
export { FALSE, not, TRUE, type Truth, truthOf, UNKNOWN } from './behaviour/truth.ts'
export { segmentsBehind, segmentsIn, walk } from './behaviour/walk.ts'
export type { Misuse, Operators, ValueTest, Where } from './behaviour/where.ts'
export type { Cancel, Clock } from './clock.ts'
export { defineWaymark, type WaymarkConfig } from './config.ts'
export { assertConfig, checkConfig } from './config-check.ts'
export { agrees, type ConsentState, consentIn, consentOnly } from './consent.ts'
export type { DeadLetter, DeadLetterFilter, DeadLetterTotal, NewDeadLetter, Page } from './dead-letter.ts'
export type { Decision, Guard, MembershipChange } from './decision.ts'
export {
  type ConditionDocument,
  type DocumentScope,
  readCondition,
  readSegment,
  type SegmentDocument,
  writeCondition,
  writeSegment,
} from './document.ts'
export { type Duration, formatDuration, milliseconds } from './duration.ts'
export type { ChannelFacts, Definition } from './engine/definition.ts'
export { createEngine, type Engine, type Standing, type Step as EngineStep } from './engine/engine.ts'
export { type Reach, WHOLE } from './engine/needs/needs.ts'
export type { MembershipOf, Reading } from './engine/reading.ts'
export type { Erasure, ErasureFilter, ErasureRequest, ErasureState, ErasureTotal, NewTold, Told, Tombstone } from './erasure.ts'
export { type Place, WaymarkError } from './errors.ts'
export { ANONYMOUS, type CanonicalEvent, EVENT_TYPES, type EventType, isActivity, type Parsed, parseEvent } from './event.ts'
export { type Compound, type Evidence, type Fact, type Ground, groundsOf } from './evidence.ts'
export type { ConsentPolicy, Governance, Limit, TimeOfDay } from './governance.ts'
export { fingerprint, fnv1a32 } from './hash.ts'
export { type IdentityPolicy, MAX_MERGED } from './identity-policy.ts'
export type { JournalEntry, JournalFilter, JournalOutcome, NewJournalEntry } from './journal.ts'
export { isObject, type Json, type JsonObject } from './json.ts'
export { INTERACTIONS, type Interaction, type Message, type MessageDefinition, type MessageState } from './message.ts'
export { type Ban, createBan, withoutNobody } from './nobody.ts'
export type { BuiltInEvents, InteractionProperties } from './plan/built-in-events.ts'
export { definePlan, type RuleDefinition, type SegmentMembers, type TypedPlan } from './plan/define-plan.ts'
export type { Events, Plan, PropertiesOf } from './plan/plan.ts'
export { planFingerprint } from './plan/plan-fingerprint.ts'
export { didYouMean } from './plan/suggest.ts'
export { validateEvent } from './plan/validate-event.ts'
export type { Conversation, ConversationChange, Identity, Logger, PluginContext, Unreadable } from './plugin/context.ts'
export type { Eraser, ErasureReceipt, Subject } from './plugin/eraser.ts'
export type { DeliveryOutcome, IngestOutcome, SendOutcome } from './plugin/outcome.ts'
export {
  type Channel,
  type Plugin,
  PURPOSES,
  type Purpose,
  type Recipient,
  type Route,
  type Sink,
} from './plugin/plugin.ts'
export type { Source, SourcePage } from './plugin/source.ts'
export type { Problem } from './problem.ts'
export { before, type Membership, type Past, type Position, type Profile, type RuleStanding, type Send, userIdOf, withUndelivered } from './profile.ts'
export type { NewQuarantined, Quarantined, QuarantineFilter, QuarantineTotal } from './quarantine.ts'
export { type Bound, boundOf, type Kept, type LogRetention, type Retention } from './retention.ts'
export type { Rule } from './rule.ts'
export type { In, Out, Schema, SchemaIssue, SchemaResult } from './schema.ts'
export type { Segment, TypedSegment } from './segment.ts'
export type {
  DecisionFilter,
  Dropped,
  IdentityKey,
  Input,
  LogEntry,
  LogPlace,
  NewLogEntry,
  Parting,
  Settlement,
  Snapshot,
  Store,
  Transaction,
} from './store.ts'
export type { StoreReport, StoreSize } from './store-report.ts'
export { type TimerBounds, type TimerPolicy, timerBounds } from './timers.ts'
export type {
  DecisionRow,
  EventRow,
  LoadOutcome,
  MembershipRow,
  Owners,
  QueryEstimate,
  QueryOptions,
  Warehouse,
  WarehouseRow,
  WarehouseTable,
  WarehouseValue,
} from './warehouse.ts'
