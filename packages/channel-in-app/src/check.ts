import { isObject, type JsonObject } from '@waymark/core'
import { KINDS, type Kind } from './messages.ts'

const FIELDS: Record<Kind, { readonly needs: readonly string[]; readonly takes: readonly string[] }> = {
  tooltip: { needs: ['anchor', 'title', 'body'], takes: ['action', 'placement'] },
  modal: { needs: ['title', 'body'], takes: ['action'] },
  banner: { needs: ['body'], takes: ['title', 'action', 'position'] },
}
const CHOICES: Readonly<Record<string, readonly string[]>> = { placement: ['top', 'right', 'bottom', 'left'], position: ['top', 'bottom'] }
/** A scheme other than these could run code in the page that shows the message. */
const SAFE_SCHEMES = ['https:', 'http:', 'mailto:']

/** What is wrong with a message, each with its mend; nothing when it can be shown. */
export function check(kind: string, content: JsonObject): readonly string[] {
  if (!isKind(kind)) return [`'${kind}' is no in-app message: use ${KINDS.join(', ')}`]
  const { needs, takes } = FIELDS[kind]
  const problems: string[] = []
  for (const field of needs) if (!isText(content[field])) problems.push(`${field}: a ${kind} needs one; give it a text`)
  for (const [field, value] of Object.entries(content)) {
    if (value === undefined) continue
    if (!needs.includes(field) && !takes.includes(field)) problems.push(`${field}: a ${kind} has no such field; it takes ${[...needs, ...takes].join(', ')}`)
    const choices = CHOICES[field]
    if (choices !== undefined && !choices.includes(value as string)) problems.push(`${field}: ${JSON.stringify(value)} is not one of ${choices.join(', ')}`)
  }
  if (content['title'] !== undefined && !needs.includes('title') && !isText(content['title'])) problems.push('title: leave it out or give it a text')
  return content['action'] === undefined ? problems : [...problems, ...checkAction(content['action'])]
}

function checkAction(action: unknown): readonly string[] {
  if (!isObject(action)) return ["action: expected { label, url? }, for example { label: 'Show me' }"]
  const problems = isText(action['label']) ? [] : ['action.label: give the button a text']
  const { url } = action
  if (url === undefined) return problems
  if (!isText(url)) return [...problems, 'action.url: expected a text']
  // Browsers drop control characters and spaces in front of a scheme, so they are dropped here too.
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec([...url].filter((character) => character > ' ').join(''))?.[0].toLowerCase()
  if (scheme !== undefined && !SAFE_SCHEMES.includes(scheme))
    problems.push(`action.url: '${scheme}' is not allowed; use https:, http:, mailto: or a path of the page`)
  return problems
}

function isKind(kind: string): kind is Kind {
  return (KINDS as readonly string[]).includes(kind)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}
