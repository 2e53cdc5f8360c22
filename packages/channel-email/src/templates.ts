import { WaymarkError } from '@waymark/core'
import { type Liquid, LiquidError, type Template } from 'liquidjs'
import { escaping, plain } from './liquid.ts'
import { type EmailOptions, type TemplateSource, wrongOption } from './options.ts'
import { readTemplates } from './template-folder.ts'

export interface MailTemplate {
  readonly name: string
  readonly subject: Part
  readonly text?: Part
  readonly html?: Part
}

export interface Part {
  /** As people know it: `template 'welcome', text`. */
  readonly called: string
  readonly engine: Liquid
  readonly parsed: Template[]
}

/** All that a template can begin a variable with. */
const VARIABLES = ['traits', 'data', 'user']

/** Parses every template. Throws a `WaymarkError` that names template, part and line, and how to mend it. */
export function loadTemplates(templates: EmailOptions['templates']): ReadonlyMap<string, MailTemplate> {
  const sources = typeof templates === 'string' ? readTemplates(templates) : templates
  const loaded = new Map(Object.entries(sources).map(([name, source]) => [name, load(name, source)]))
  if (loaded.size === 0) throw wrongOption('templates', 'there is none', "add one, as in { welcome: { subject: '…', text: '…' } } or welcome.subject.liquid")
  return loaded
}

function load(name: string, source: Partial<TemplateSource>): MailTemplate {
  if (source.subject === undefined) throw wrong(name, 'subject', undefined, 'it is missing', 'give every mail a subject')
  if (source.text === undefined && source.html === undefined) throw wrong(name, 'text', undefined, 'it is missing', 'give a text or an html part, or both')
  return {
    name,
    subject: parse(name, 'subject', source.subject),
    ...(source.text === undefined ? {} : { text: parse(name, 'text', source.text) }),
    ...(source.html === undefined ? {} : { html: parse(name, 'html', source.html) }),
  }
}

function parse(name: string, part: keyof TemplateSource, source: string): Part {
  if (typeof source !== 'string') throw wrong(name, part, undefined, 'it is not a string', 'write it as Liquid source')
  const engine = part === 'html' ? escaping : plain
  try {
    const parsed = engine.parse(source)
    for (const [root, uses] of Object.entries(engine.analyzeSync(parsed, { partials: false }).globals)) {
      if (VARIABLES.includes(root)) continue
      throw wrong(name, part, uses[0]?.location.row, `there is no variable '${root}'`, `begin with one of ${VARIABLES.join(', ')}, as in traits.${root}`)
    }
    return { called: `template '${name}', ${part}`, engine, parsed }
  } catch (error) {
    if (!LiquidError.is(error)) throw error
    throw wrong(name, part, lineOf(error), wordsOf(error), mendOf(error))
  }
}

/** The line a Liquid error stands in. */
export function lineOf(error: LiquidError): number | undefined {
  return error.token?.getPosition()[0]
}

/** A Liquid error's message without the position it ends with. */
export function wordsOf(error: LiquidError): string {
  return error.message.replace(/, (?:file:.*, )?line:\d+, col:\d+$/, '')
}

function mendOf(error: LiquidError): string {
  if (/tag "(?:include|render|layout|block)" not found/.test(error.message)) return 'write what it would bring in here: a mail reads no other files'
  return 'mend the Liquid there; to show braces as they are, put them between {% raw %} and {% endraw %}'
}

function wrong(name: string, part: string, line: number | undefined, problem: string, mend: string): WaymarkError {
  const where = `templates.${name}.${part}${line === undefined ? '' : `, line ${line}`}`
  return new WaymarkError('EMAIL_TEMPLATE_INVALID', `email({ templates }): ${where}: ${problem}; ${mend}`, { place: where, mend })
}
