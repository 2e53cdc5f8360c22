import { ANY_ACTIVITY } from '../behaviour/ast.ts'
import { isObject } from '../json.ts'
import { RESERVED_EVENTS } from '../plan/built-in-events.ts'
import type { Plan } from '../plan/plan.ts'
import { expectObject, type Report, show } from '../problem.ts'

/** The plan, where it can be worked with. */
export function checkPlan(plan: unknown, report: Report): Plan | undefined {
  if (!expectObject(plan, 'plan', 'make one with definePlan({ events, traits })', report)) return undefined
  checkSchema(plan['traits'], 'plan.traits', report)
  if (!expectObject(plan['events'], 'plan.events', 'write event names and their schemas, for example { signed_up: z.object({ … }) }', report)) return undefined
  for (const [name, schema] of Object.entries(plan['events'])) {
    const place = `plan.events '${name}'`
    if (name === '') report(place, 'an event needs a name', 'give it one')
    if (name === ANY_ACTIVITY) report(place, 'this name stands for any activity in conditions', 'give your event another name')
    if (RESERVED_EVENTS.has(name)) report(place, 'this name is for the answers to messages, and known to every plan', 'give your event another name')
    checkSchema(schema, place, report)
  }
  return plan as unknown as Plan
}

function checkSchema(schema: unknown, place: string, report: Report): void {
  // arktype's schemas are functions.
  const standard = isObject(schema) || typeof schema === 'function' ? (schema as Record<string, unknown>)['~standard'] : undefined
  if (isObject(standard) && standard['version'] === 1 && typeof standard['validate'] === 'function') return
  report(
    place,
    `${schema === undefined ? 'missing' : `${show(schema)} is not`} a schema`,
    'write a Standard Schema of an object, for example z.object({ … }) of zod 4, or its like of valibot or arktype',
  )
}
