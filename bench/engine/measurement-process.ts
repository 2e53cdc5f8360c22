import { answer } from '../child.ts'
import { atEvent } from './at-event.ts'
import { jsonParse } from './json-parse.ts'
import { jsonRulesEngine } from './json-rules-engine.ts'
import { segments } from './segments.ts'

answer((name) => [jsonParse, jsonRulesEngine, segments, atEvent].find(({ rows }) => rows[0]?.name === name)?.run())
