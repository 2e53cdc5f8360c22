import { WaymarkError } from '../../errors.ts'

/** A word that SQL can hold. Throws `SQL_UNWRITABLE` for one that no database keeps as it is. */
function writable(word: string): string {
  if (!word.includes('\0') && !/\p{Surrogate}/u.test(word)) return word
  throw new WaymarkError('SQL_UNWRITABLE', `${JSON.stringify(word)} cannot be written in SQL`, {
    mend: 'take the NUL character, or the half of a pair of surrogates, out of it',
  })
}

/** A text in quotes where a backslash escapes, on one line. */
export function escaped(word: string, quote: string): string {
  return `'${writable(word).replaceAll('\\', '\\\\').replaceAll("'", quote).replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`
}

/** A text in quotes where only quotes are doubled, on one line; what does not fit is written in the form that escapes. */
export function doubled(word: string): string {
  return /[\\\n\r]/.test(word) ? `E${escaped(word, "''")}` : `'${writable(word).replaceAll("'", "''")}'`
}

/** A finite number, as SQL reads it. */
export function number(value: number): string {
  return String(value + 0)
}

/** Beyond 10^12 a number counts as no amount, as in the engine: sums are exact, and one such would not leave room for others. */
export function isAmount(value: string): string {
  return `${value} BETWEEN -1000000000000 AND 1000000000000`
}

/** The decimal digits of a number, rounded to six places, half away from zero, as amounts are. */
export function decimalDigits(value: number): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? []
  const digits = BigInt(whole + fraction)
  const shift = Number(exponent) - fraction.length + 6
  const unit = 10n ** BigInt(Math.abs(shift))
  const millionths = shift >= 0 ? digits * unit : (2n * digits + unit) / (2n * unit)
  const text = String(millionths).padStart(7, '0')
  return `${millionths === 0n ? '' : sign}${text.slice(0, -6)}.${text.slice(-6)}`.replace(/\.?0+$/, '')
}

/** A line of comment: nothing in it can end it. */
export function comment(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: each of these may end a line, or a text, somewhere
  return `-- ${text.replaceAll(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g, ' ')}`
}

/** A name that can stand in quotes. Throws `SQL_UNWRITABLE` for one that breaks the line. */
export function nameable(name: string): string {
  if (!/[\n\r]/.test(name)) return writable(name)
  throw new WaymarkError('SQL_UNWRITABLE', `${JSON.stringify(name)} is no name of a table`, { mend: 'write it on one line' })
}

/** The name of a table or column: as it is where it is a plain word, so that each database reads its case in its own way, else in quotes. */
export function plainOr(quote: (name: string) => string): (name: string) => string {
  return (name) => (/^[a-z_][a-z0-9_]*$/i.test(name) ? name : quote(nameable(name)))
}
