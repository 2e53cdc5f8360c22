import type { Condition, Otherwise } from './ast.ts'

/** A condition that can be built on. It serialises to its AST. */
export interface Expression {
  /** The AST: plain JSON. */
  readonly condition: Condition
  /** True when this and all the others are. */
  and(other: Expression, ...more: readonly Expression[]): Expression
  /** True when this or any of the others is. */
  or(other: Expression, ...more: readonly Expression[]): Expression
  toJSON(): Condition
}

/** Stands as the last member of a segment, and nowhere else. */
export interface OtherwiseMember {
  readonly condition: Otherwise
  toJSON(): Otherwise
}

export const otherwise: OtherwiseMember = { condition: { kind: 'otherwise' }, toJSON: () => otherwise.condition }

export function express(condition: Condition): Expression {
  return {
    condition,
    and: (...others) => join('all', [condition, ...others.map(conditionOf)]),
    or: (...others) => join('any', [condition, ...others.map(conditionOf)]),
    toJSON: () => condition,
  }
}

export function and(...parts: readonly [Expression, Expression, ...Expression[]]): Expression {
  return join('all', parts.map(conditionOf))
}

export function or(...parts: readonly [Expression, Expression, ...Expression[]]): Expression {
  return join('any', parts.map(conditionOf))
}

export function not(part: Expression): Expression {
  return express({ kind: 'not', of: part.condition })
}

/** `a.and(b).and(c)` is one list of three: it reads better and means the same. */
function join(kind: 'all' | 'any', parts: readonly Condition[]): Expression {
  return express({ kind, of: parts.flatMap((part) => (part.kind === kind ? part.of : [part])) })
}

function conditionOf(expression: Expression): Condition {
  return expression.condition
}
