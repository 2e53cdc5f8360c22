import type { Json, JsonObject, Parsed } from '@waymark/core'
import { isObject } from '@waymark/core'
import { convert } from 'html-to-text'
import { LiquidError } from 'liquidjs'
import { lineOf, type MailTemplate, type Part, wordsOf } from './templates.ts'

export interface Rendered {
  readonly subject: string
  readonly text: string
  readonly html?: string
}

export interface Variables {
  readonly traits: JsonObject
  readonly data: JsonObject
  readonly user: JsonObject
}

/** Characters in one part of a mail; more is a loop gone wrong. */
const MAX_LENGTH = 2_000_000

/** The mail's parts, or why it cannot be written: a missing variable, or a template that does not come to an end. Never throws. */
export function render(template: MailTemplate, variables: Variables): Parsed<Rendered> {
  let current = template.subject
  try {
    const scope = { ...variables, traits: withoutBlanks(variables.traits) }
    const run = (part: Part): string => {
      current = part
      const written = String(part.engine.renderSync(part.parsed, scope))
      if (written.length > MAX_LENGTH) throw new Error(`it came out longer than ${MAX_LENGTH} characters`)
      return written
    }
    const subject = run(template.subject)
      .replaceAll(/[\s\p{Cc}\u2028\u2029]+/gu, ' ')
      .trim()
    if (subject === '') throw new Error('it came out empty')
    const html = template.html === undefined ? undefined : run(template.html)
    const text = template.text === undefined ? asText(html ?? '') : run(template.text)
    return { ok: true, value: { subject, text, ...(html === undefined ? {} : { html }) } }
  } catch (error) {
    return { ok: false, reason: explain(current, error) }
  }
}

function explain({ called }: Part, error: unknown): string {
  if (!LiquidError.is(error)) return `${called}: ${error instanceof Error ? error.message : String(error)}`
  const where = `${called}, line ${lineOf(error)}`
  const variable = missing(error)
  if (variable === undefined) return `${where}: ${wordsOf(error)}`
  return `${where}: ${variable} is missing or empty; set it, or write {{ ${variable} | default: '…' }}`
}

/** The variable that was not there, somewhere down the chain of causes. */
function missing(error: unknown): string | undefined {
  for (let cause = error; isObject(cause); cause = cause['originalError']) {
    if (typeof cause['variableName'] === 'string') return cause['variableName']
  }
  return undefined
}

/** A trait that is null or blank is as good as none: greeting somebody by it would read `Hi ,`. */
function withoutBlanks(traits: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(traits)
      .filter(([, value]) => value !== null && !(typeof value === 'string' && value.trim() === ''))
      .map(([key, value]) => [key, isObject(value) ? withoutBlanks(value as JsonObject) : (value as Json)]),
  )
}

function asText(html: string): string {
  return convert(html, {
    wordwrap: 78,
    limits: { maxInputLength: MAX_LENGTH },
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
    ],
  })
}
