import { WaymarkError } from '@waymark/core'
import type { Colors } from './terminal.ts'

/** An error for a person: what, where, and how to mend it. The stack is for those who ask for it. */
export function renderError(error: unknown, colors: Colors, debug: boolean): string {
  const lines = [`${colors.red('error')}  ${messageOf(error).trimEnd().replaceAll('\n', '\n       ')}`]
  if (WaymarkError.is(error)) {
    if (error.place !== undefined && error.place !== '') lines.push(`${colors.dim('at')}     ${error.place}`)
    if (error.mend !== undefined) lines.push(`${colors.dim('fix')}    ${error.mend.replaceAll('\n', '\n       ')}`)
  } else if (!debug) lines.push(`       ${colors.dim('run it again with --debug to see the stack')}`)
  if (debug) lines.push('', stackOf(error))
  return `${lines.join('\n').replaceAll(/[ \t]+$/gm, '')}\n`
}

/** The same for a program, in place of the document it waits for. */
export function errorDocument(error: unknown): {
  readonly error: { readonly code: string; readonly message: string; readonly place?: string; readonly mend?: string }
} {
  const message = messageOf(error)
  if (!WaymarkError.is(error)) return { error: { code: 'FAILED', message } }
  const { code, place, mend } = error
  return { error: { code, message, ...(place === undefined ? {} : { place }), ...(mend === undefined ? {} : { mend }) } }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? error.message
  return error.cause === undefined ? own : `${own}\ncaused by: ${stackOf(error.cause)}`
}
