import { type Duration, milliseconds } from './duration.ts'
import type { Place } from './errors.ts'
import { WaymarkError } from './errors.ts'
import { isObject } from './json.ts'
import { didYouMean } from './plan/suggest.ts'

/** Something wrong with a config, where it stands, and what to do about it. */
export interface Problem {
  /** Such as `rules[2] 'come-back' .limit.per`. */
  readonly place: Place
  readonly message: string
  readonly mend: string
}

/** Takes problems down. */
export type Report = (place: Place, message: string, mend: string) => void

/** Runs a check and hands back what it reported. */
export function problemsOf(check: (report: Report) => void): readonly Problem[] {
  const problems: Problem[] = []
  check((place, message, mend) => problems.push({ place, message, mend }))
  return problems
}

/** All problems of something, for a person to read in a terminal. */
export function listProblems(what: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  const lines = problems.map(({ place, message, mend }) => `  ${place}\n    ${message}\n    → ${mend}`)
  return `${what} has ${count}:\n\n${lines.join('\n\n')}\n`
}

/** A field of an item: `rules[2] 'come-back' .limit`, and from there on `.limit.per`. */
export function at(place: Place, field: string): Place {
  if (place === '') return field
  return place.endsWith("'") ? `${place} .${field}` : `${place}.${field}`
}

/** Whether the value is an object; reports it where it is not. */
export function expectObject(value: unknown, place: Place, mend: string, report: Report): value is Record<string, unknown> {
  if (isObject(value)) return true
  report(place, value === undefined ? 'missing' : `expected an object, found ${show(value)}`, mend)
  return false
}

export function expectKnownFields(object: object, known: readonly string[], place: Place, report: Report): void {
  for (const field of Object.keys(object)) {
    if (known.includes(field)) continue
    report(at(place, field), `there is no such field.${didYouMean(field, known)}`, `use ${listed(known)}, or take it out`)
  }
}

export function expectDuration(value: unknown, place: Place, report: Report): void {
  try {
    milliseconds(value as Duration)
  } catch (error) {
    report(place, `${show(value)} is not a duration longer than zero`, (WaymarkError.is(error) && error.mend) || "write for example '48h'")
  }
}

/** As a person would write it in the config. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 60)}…` : value}'`
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return String(value)
}

export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
