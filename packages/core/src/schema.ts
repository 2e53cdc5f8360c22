/**
 * The Standard Schema v1 interface (https://standardschema.dev), which zod, valibot and arktype implement.
 * Its authors ask libraries to carry a copy of the types, so core stays without a dependency.
 */
export interface Schema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

export type SchemaResult<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What a schema accepts. */
export type In<S extends Schema> = NonNullable<S['~standard']['types']>['input']
/** What a schema yields, defaults and coercions applied. */
export type Out<S extends Schema> = NonNullable<S['~standard']['types']>['output']
