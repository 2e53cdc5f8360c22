import { isObject } from '../json.ts'
import type { Schema } from '../schema.ts'

/** The JSON types of an object's properties; undefined where a property may be of several, or of none that JSON has. */
export type Shape = ReadonlyMap<string, string | undefined>

/** The part of the Standard JSON Schema interface that is asked for here; zod and arktype bring it, others may. */
interface Describes {
  readonly jsonSchema?: { input(options: { readonly target: string }): unknown }
}

/**
 * What a schema says of the properties there are; undefined when it cannot say, or lets others in. It serves those who write
 * conditions without a compiler looking on: the types refuse the same mistakes.
 */
export function shapeOf(schema: Schema | undefined): Shape | undefined {
  const described = jsonSchemaOf(schema)
  if (!isObject(described) || !isObject(described['properties'])) return undefined
  const { additionalProperties: others } = described
  if (others !== undefined && others !== false) return undefined
  // An object that declares nothing is a plan that does not care.
  if (Object.keys(described['properties']).length === 0) return undefined
  return new Map(Object.entries(described['properties']).map(([name, property]) => [name, typeOf(property)]))
}

/** What a schema accepts, as JSON Schema; undefined when it cannot say. */
export function jsonSchemaOf(schema: Schema | undefined): unknown {
  try {
    return (schema?.['~standard'] as Describes | undefined)?.jsonSchema?.input({ target: 'draft-2020-12' })
  } catch {
    // Not every schema has a JSON Schema: a Date, for one, has none.
    return undefined
  }
}

function typeOf(property: unknown): string | undefined {
  const type = isObject(property) ? property['type'] : undefined
  return type === 'integer' ? 'number' : typeof type === 'string' ? type : undefined
}
