import { type Logger, WaymarkError } from '@waymark/core'

const REDACTED = '[redacted]'
/** What a field's name, without dashes and underscores, must hold for its value to be a secret. */
const SECRET_NAMES = /authorization|passw|passphrase|token|secret|apikey|writekey|accesskey|privatekey|cookie|credential|^(?:pass|pwd|auth|dsn)$/
/** How much of a log line one field may take: a text's characters, a list's or an object's entries, and how deep they nest. */
const LONGEST_TEXT = 16_384
const MOST_ENTRIES = 50
const DEEPEST = 8

const TEXT_RULES: readonly (readonly [RegExp, string])[] = [
  // https://user:password@host, and every other scheme
  [/\b([a-z][a-z\d+.-]{1,20}:\/\/)[^\s/?#]{1,512}@/gi, `$1${REDACTED}@`],
  // Authorization: …, as a header is written
  [/\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)(\s*:\s*)[^\r\n]+/gi, `$1$2${REDACTED}`],
  [/\b(bearer)\s+[\w.~+/=-]{4,}/gi, `$1 ${REDACTED}`],
  [/\b(Basic)\s+[A-Za-z\d+/]{6,}={0,2}/g, `$1 ${REDACTED}`],
  // A JSON web token
  [/\beyJ[\w-]{4,}\.[\w-]+\.[\w-]*/g, REDACTED],
  // password=…, { apiKey: '…' }, "token":"…"
  [
    /\b(\w{0,32}(?:passw(?:or)?d|passphrase|pwd|secret|token|api[-_]?key|write[-_]?key|access[-_]?key|private[-_]?key)["']?)(\s*=\s*(?:"[^"]*"|'[^']*'|[^\s,;&)}\]]+)|\s*:\s*(?:"[^"]*"|'[^']*'))/gi,
    `$1=${REDACTED}`,
  ],
  // What JSON.parse says of a text holds the text.
  [/(Unexpected token [^,]{0,12}, )(?:\.\.\.)?"[\s\S]*?"(?:\.\.\.)?( is not valid JSON)/g, `$1"…"$2`],
  [/[^\s@<>"'(),:;/[\]{}=]{1,64}@[^\s@<>"'(),:;/[\]{}]{1,190}\.[a-z]{2,24}\b/gi, '[email]'],
]

/**
 * A logger that keeps secrets and mail addresses out: values of fields that are named like a secret, at any depth, and in every text
 * the passwords of addresses, bearer tokens, `password=…` and mail addresses. Whatever is logged through it is cut to a sane size.
 */
export function scrubbed(logger: Logger): Logger {
  const through =
    (level: keyof Logger): Logger[keyof Logger] =>
    (message, fields) =>
      logger[level](scrubText(message), fields === undefined ? undefined : scrubFields(fields))
  return { debug: through('debug'), info: through('info'), warn: through('warn'), error: through('error') }
}

export function scrubFields(fields: Record<string, unknown>): Record<string, unknown> {
  return scrub(fields, 0) as Record<string, unknown>
}

export function scrubText(text: string): string {
  let scrubbedText = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text
  for (const [pattern, replacement] of TEXT_RULES) scrubbedText = scrubbedText.replace(pattern, replacement)
  return scrubbedText
}

function scrub(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return scrubText(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEEPEST) return '[…]'
  if (value instanceof Error) return scrub(partsOf(value), depth)
  if (Array.isArray(value)) return value.slice(0, MOST_ENTRIES).map((item) => scrub(item, depth + 1))
  if (value instanceof Date) return value
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  const entries = Object.entries(value).slice(0, MOST_ENTRIES)
  return Object.fromEntries(entries.map(([name, inner]) => [name, isSecret(name, inner) ? REDACTED : scrub(inner, depth + 1)]))
}

function isSecret(name: string, value: unknown): boolean {
  return value !== undefined && value !== null && typeof value !== 'boolean' && SECRET_NAMES.test(name.toLowerCase().replaceAll(/[-_ ]/g, ''))
}

/** What an error says of itself. Members that a library hung on it are left out: they may be anything, a request with its headers too. */
function partsOf(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error
  const code = (error as { readonly code?: unknown }).code
  const own = WaymarkError.is(error) ? { place: error.place, mend: error.mend } : {}
  return { name, message, ...(code === undefined ? {} : { code: String(code) }), ...own, stack, ...(cause === undefined ? {} : { cause }) }
}
