/** A named part of a query. */
export interface Relation {
  readonly name: string
  readonly body: string
  readonly note?: string
}

export interface Select {
  /** Expressions with their names; a line of comment may go before one. */
  readonly columns: readonly string[]
  readonly distinct?: boolean
  readonly from: string
  readonly where?: string | undefined
  readonly groupBy?: readonly string[]
  readonly orderBy?: readonly string[]
}

export function select({ columns, distinct, from, where, groupBy, orderBy }: Select): string {
  const lines = [`SELECT${distinct === true ? ' DISTINCT' : ''}`, indent(listed(columns)), `FROM ${from}`]
  if (where !== undefined) lines.push(`WHERE ${where}`)
  if (groupBy !== undefined) lines.push(`GROUP BY ${groupBy.join(', ')}`)
  if (orderBy !== undefined) lines.push(`ORDER BY ${orderBy.join(', ')}`)
  return lines.join('\n')
}

/** Commas go before a comment's line break. */
function listed(columns: readonly string[]): string {
  return columns.map((column, index) => `${column}${index === columns.length - 1 ? '' : ','}`).join('\n')
}

/** No literal breaks a line, so that none is changed by this. */
export function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? line : `  ${line}`))
    .join('\n')
}

/** The moment of what does not come. */
export const NEVER: number = Number.MAX_SAFE_INTEGER
