import { isObject } from '@waymark/core'
import {
  EVENTS_A_REQUEST,
  LONGER_VALUES,
  NAME_LENGTH,
  PARAMS_AN_EVENT,
  PROPERTIES_A_REQUEST,
  PROPERTY_NAME_LENGTH,
  PROPERTY_VALUE_LENGTH,
  USER_ID_LENGTH,
  VALUE_LENGTH,
} from '../limits.ts'
import { RESERVED_EVENTS, RESERVED_PARAM_PREFIXES, RESERVED_PREFIXES, RESERVED_PROPERTIES } from '../names.ts'
import type { StreamKind } from './measurement.ts'

/** As Google's validation endpoint answers. */
export interface ValidationMessage {
  readonly fieldPath: string
  readonly description: string
  readonly validationCode: 'VALUE_INVALID' | 'VALUE_REQUIRED' | 'NAME_INVALID' | 'NAME_RESERVED' | 'VALUE_OUT_OF_BOUNDS' | 'EXCEEDED_MAX_ENTITIES'
}

/** What Google would find wrong with a request. Like Google's own, it does not look at the secret. */
export function validate(body: unknown, kind: StreamKind): readonly ValidationMessage[] {
  const found: ValidationMessage[] = []
  const say = (validationCode: ValidationMessage['validationCode'], fieldPath: string, description: string) =>
    void found.push({ fieldPath, description, validationCode })

  if (!isObject(body)) {
    say('VALUE_INVALID', '', 'The body is not a JSON object.')
    return found
  }
  const id = kind === 'app' ? 'app_instance_id' : 'client_id'
  if (typeof body[id] !== 'string' || body[id] === '') say('VALUE_REQUIRED', id, `${id} is needed.`)
  if (typeof body['user_id'] === 'string' && body['user_id'].length > USER_ID_LENGTH)
    say('VALUE_OUT_OF_BOUNDS', 'user_id', `At most ${USER_ID_LENGTH} characters.`)

  const properties = isObject(body['user_properties']) ? Object.entries(body['user_properties']) : []
  if (properties.length > PROPERTIES_A_REQUEST) say('EXCEEDED_MAX_ENTITIES', 'user_properties', `At most ${PROPERTIES_A_REQUEST} user properties.`)
  for (const [name, property] of properties) {
    const path = `user_properties.${name}`
    checkName(name, path, PROPERTY_NAME_LENGTH, RESERVED_PREFIXES, RESERVED_PROPERTIES)
    const value = isObject(property) ? property['value'] : undefined
    if (value === undefined) say('VALUE_REQUIRED', path, 'A user property is { "value": … }.')
    else checkLength(value, path, PROPERTY_VALUE_LENGTH)
  }

  const events: unknown = body['events']
  if (!Array.isArray(events)) {
    say('VALUE_REQUIRED', 'events', 'events is a list.')
    return found
  }
  if (events.length > EVENTS_A_REQUEST) say('EXCEEDED_MAX_ENTITIES', 'events', `At most ${EVENTS_A_REQUEST} events.`)
  for (const [index, event] of (events as unknown[]).entries()) {
    const path = `events[${index}]`
    if (!isObject(event) || typeof event['name'] !== 'string') {
      say('VALUE_REQUIRED', `${path}.name`, 'An event needs a name.')
      continue
    }
    checkName(event['name'], `${path}.name`, NAME_LENGTH, RESERVED_PREFIXES, RESERVED_EVENTS)
    const params = isObject(event['params']) ? Object.entries(event['params']) : []
    if (params.length > PARAMS_AN_EVENT) say('EXCEEDED_MAX_ENTITIES', `${path}.params`, `At most ${PARAMS_AN_EVENT} parameters.`)
    for (const [name, value] of params) {
      checkName(name, `${path}.params.${name}`, NAME_LENGTH, RESERVED_PARAM_PREFIXES)
      checkLength(value, `${path}.params.${name}`, LONGER_VALUES[name] ?? VALUE_LENGTH)
    }
  }
  return found

  function checkName(name: string, path: string, length: number, prefixes: readonly string[], reserved?: ReadonlySet<string>): void {
    if (prefixes.some((prefix) => name.startsWith(prefix)) || reserved?.has(name) === true) say('NAME_RESERVED', path, `'${name}' is reserved.`)
    else if (!/^[A-Za-z]\w*$/.test(name) || name.length > length)
      say('NAME_INVALID', path, `A name begins with a letter and has letters, digits and _, ${length} at most.`)
  }

  function checkLength(value: unknown, path: string, length: number): void {
    if (typeof value === 'string' && value.length > length) say('VALUE_OUT_OF_BOUNDS', path, `At most ${length} characters.`)
  }
}
