import { isObject, type JsonObject, PURPOSES } from '@waymark/core'

const NOTHING_GRANTED: JsonObject = Object.fromEntries(PURPOSES.filter((purpose) => purpose !== 'essential').map((purpose) => [purpose, false]))

/**
 * The context with consent as Segment reads it: no consent at all says nothing; preferences without a category, or an empty consent beside
 * integrations, say no to everything. Written out, so that the host, which takes silence for silence, hears the no.
 */
export function withConsent(context: unknown, integrations: unknown): unknown {
  const consent = isObject(context) ? context['consent'] : undefined
  if (!isObject(consent)) return context
  const preferences = consent['categoryPreferences']
  const isEmpty = isObject(preferences)
    ? Object.keys(preferences).length === 0
    : Object.keys(consent).length === 0 && isObject(integrations) && Object.keys(integrations).length > 0
  return isEmpty ? { ...(context as object), consent: { ...consent, categoryPreferences: NOTHING_GRANTED } } : context
}
