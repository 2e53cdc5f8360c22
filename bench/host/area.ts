import type { Measurement } from '../measure.ts'
import { http } from './http.ts'
import { largeLog } from './large-log.ts'
import { metrics, pipeline } from './pipeline.ts'
import { postgres } from './postgres.ts'
import { slowReceiver } from './slow-receiver.ts'
import { sse } from './sse.ts'
import { timers } from './timers.ts'

export const host: readonly Measurement[] = [pipeline, metrics, http, sse, slowReceiver, timers, largeLog, postgres]
