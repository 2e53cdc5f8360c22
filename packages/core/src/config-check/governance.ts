import { isTimezone } from '../engine/time-of-day.ts'
import { PURPOSES } from '../plugin/plugin.ts'
import { at, expectDuration, expectKnownFields, expectObject, listed, type Report, show } from '../problem.ts'

const TIME_OF_DAY = /^(?:[01]\d|2[0-3]):[0-5]\d$/
const ASKED = PURPOSES.filter((purpose) => purpose !== 'essential')

export function checkGovernance(governance: unknown, report: Report): void {
  if (governance === undefined || !expectObject(governance, 'governance', 'write { frequencyCap, quietHours, consent }, each of them optional', report)) return
  expectKnownFields(governance, ['frequencyCap', 'quietHours', 'consent'], 'governance', report)
  const { frequencyCap, quietHours, consent } = governance
  if (frequencyCap !== undefined) checkLimit(frequencyCap, 'governance.frequencyCap', report)
  if (quietHours !== undefined) checkQuietHours(quietHours, 'governance.quietHours', report)
  if (consent !== undefined) checkConsent(consent, 'governance.consent', report)
}

/** At most so many in any window of a length. */
export function checkLimit(limit: unknown, place: string, report: Report): void {
  if (!expectObject(limit, place, "write for example { max: 3, per: '1d' }", report)) return
  expectKnownFields(limit, ['max', 'per'], place, report)
  const { max, per } = limit
  if (!Number.isSafeInteger(max) || (max as number) < 1)
    report(at(place, 'max'), `${show(max)} is not a whole number of messages, 1 or more`, 'write for example 3')
  expectDuration(per, at(place, 'per'), report)
}

function checkQuietHours(quiet: unknown, place: string, report: Report): void {
  if (!expectObject(quiet, place, "write for example { from: '21:00', to: '08:00' }", report)) return
  expectKnownFields(quiet, ['from', 'to', 'timezone'], place, report)
  for (const end of ['from', 'to']) {
    const time = quiet[end]
    if (typeof time !== 'string' || !TIME_OF_DAY.test(time))
      report(at(place, end), `${show(time)} is not a time of day`, "write HH:MM from '00:00' to '23:59', for example '08:00'")
  }
  const { from, to, timezone } = quiet
  if (from === to && from !== undefined) report(place, `from ${show(from)} to ${show(to)} is no time at all`, 'let them differ, or take quietHours out')
  if (timezone !== undefined && !(typeof timezone === 'string' && isTimezone(timezone))) {
    report(at(place, 'timezone'), `${show(timezone)} is not a time zone`, "write an IANA name, for example 'Europe/Berlin'")
  }
}

function checkConsent(consent: unknown, place: string, report: Report): void {
  if (!expectObject(consent, place, "write for example { unset: { analytics: 'denied' } }", report)) return
  expectKnownFields(consent, ['unset', 'categories'], place, report)
  const { unset, categories } = consent
  const unsetPlace = at(place, 'unset')
  if (unset !== undefined && expectObject(unset, unsetPlace, "write for example { analytics: 'denied' }", report)) {
    if ('essential' in unset) report(at(unsetPlace, 'essential'), 'essential needs no consent', 'take it out')
    expectKnownFields(unset, PURPOSES, unsetPlace, report)
    for (const [purpose, value] of Object.entries(unset)) {
      if (value !== undefined && value !== 'granted' && value !== 'denied')
        report(at(unsetPlace, purpose), `${show(value)} is no answer`, "write 'granted' or 'denied'")
    }
  }
  const categoriesPlace = at(place, 'categories')
  if (categories !== undefined && expectObject(categories, categoriesPlace, "write for example { Advertising: 'marketing' }", report)) {
    for (const [category, purpose] of Object.entries(categories)) {
      if (!ASKED.some((known) => known === purpose)) report(at(categoriesPlace, category), `${show(purpose)} is not a purpose`, `write ${listed(ASKED)}`)
    }
  }
}
