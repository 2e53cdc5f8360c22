import { type Dialect as Grammar, parse } from '@polyglot-sql/sdk'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Condition, EventMatch, PropertyTest } from '../src/behaviour/ast.ts'
import { compileTest } from '../src/behaviour/evaluate/match.ts'
import { DIALECTS, dialectOf } from '../src/behaviour/sql/dialects.ts'
import { comment, decimalDigits } from '../src/behaviour/sql/literal.ts'
import { passes, propertyOf } from '../src/behaviour/sql/property.ts'
import { segmentSql } from '../src/behaviour/sql/segment-sql.ts'
import type { CanonicalEvent } from '../src/event.ts'
import type { Json, JsonObject } from '../src/json.ts'
import type { Segment } from '../src/segment.ts'
import { micro } from './naive-predicates.ts'
import { type Database, openDuckDB, openPostgres } from './sql-databases.ts'
import { load } from './sql-world.ts'

const databases: Database[] = []
beforeAll(async () => {
  databases.push(await openDuckDB())
  const postgres = await openPostgres()
  if (postgres !== undefined) databases.push(postgres)
}, 60_000)
afterAll(async () => {
  for (const database of databases) await database.close()
})

/** What a file may hold where a name or a value is expected. */
const HOSTILE = [
  "it's",
  "'; DROP TABLE waymark_events; --",
  "\\' OR 1=1 --",
  'ends in \\',
  '\\n\\x41\\u0041\\N',
  'two\nlines\r\nor\u2028three',
  '\t\b\u0001',
  '$1 ? :name {name:String} @name %s',
  '"quoted" `words` [here]',
  '/* no */ -- comment',
  '*',
  '$.a',
  '/a/b',
  '~0~1',
  'a.b',
  'a[0]',
  '#-',
  'é 😀 \uffff',
] as const

describe('a literal', () => {
  it.each(HOSTILE)('%j is read back as it was', async (word) => {
    for (const name of DIALECTS) {
      const literal = dialectOf(name).text(word)
      const database = databases.find(({ dialect }) => dialect === name)
      if (database !== undefined) expect(await database.rows(`SELECT ${literal}`), name).toEqual([[word]])
      // The parser leaves this form of PostgreSQL's as it is.
      if (literal.startsWith('E')) continue
      const parsed = parse(`SELECT ${literal} AS word`, name as Grammar)
      expect(JSON.stringify(parsed.ast), name).toContain(`"literal":{"literal_type":"string","value":${JSON.stringify(word)}}`)
    }
  })

  it.each(['\0', 'half \ud83d'])('%j, which no database keeps, is refused', (word) => {
    for (const name of DIALECTS) {
      expect(() => dialectOf(name).text(word), name).toThrow('cannot be written in SQL')
      expect(() => dialectOf(name).identifier(word), name).toThrow('cannot be written in SQL')
    }
  })

  it('quotes the names that are no plain words', () => {
    const quoted = DIALECTS.map((name) => [dialectOf(name).identifier('plain'), dialectOf(name).identifier('a "b` \\c')])
    expect(Object.fromEntries(DIALECTS.map((name, index) => [name, quoted[index]]))).toEqual({
      duckdb: ['plain', '"a ""b` \\c"'],
      postgres: ['plain', '"a ""b` \\c"'],
      bigquery: ['`plain`', '`a "b\\` \\\\c`'],
      snowflake: ['plain', '"a ""b` \\c"'],
      clickhouse: ['plain', '`a "b\\` \\\\c`'],
    })
  })

  it('keeps a comment on its line', () => {
    expect(comment('a\nb\r\u2028c\u0085d')).toBe('-- a b c d')
  })
})

describe('hostile names', () => {
  /** A condition that only holds of events and traits of that very name. */
  function segmentOf(word: string): Segment {
    const match: EventMatch = { event: word === '*' ? 'star' : word, where: [{ property: word, is: 'eq', value: word }] }
    const parts: Condition[] = [
      { kind: 'did', ...match, measure: { of: 'distinct', property: word }, compare: 'atLeast', value: 1 },
      { kind: 'sequence', steps: [match, { event: match.event, where: [{ property: word, is: 'contains', value: word }] }] },
      { kind: 'occurrence', which: 'last', match, test: { property: word, is: 'in', value: ['other', word] } },
      { kind: 'trait', test: { property: word, is: 'gte', value: word } },
    ]
    return { id: word, members: [{ name: word, when: { kind: 'all', of: parts } }] }
  }

  function event(row: Partial<CanonicalEvent>, index: number): CanonicalEvent {
    const blank = { properties: {}, traits: {}, context: {}, integrations: {}, source: 's' }
    return { type: 'track', messageId: `m${index}`, userId: 'u', timestamp: index, receivedAt: index, ...blank, ...row }
  }

  it('mean themselves and nothing else', async () => {
    const profiles = HOSTILE.map((word, index) => {
      const name = word === '*' ? 'star' : word
      const carried: JsonObject = { [word]: word }
      const rows: Partial<CanonicalEvent>[] = [
        { event: name, properties: carried },
        { event: name, properties: carried },
        { type: 'identify', traits: carried },
      ]
      return { profile: `p${index}`, moments: [9], events: rows.map(event) }
    })
    for (const database of databases) {
      await load(database, profiles)
      for (const [index, word] of HOSTILE.entries()) {
        const rows = await database.rows(segmentSql(segmentOf(word), { dialect: database.dialect, at: 9 }))
        const members = rows.filter(([, member]) => member !== null)
        expect(members, `${database.name}: ${word}`).toEqual([[`p${index}`, word]])
        // A timeline reads the same through other relations.
        const stays = await database.rows(segmentSql(segmentOf(word), { dialect: database.dialect, at: 9, since: true }))
        expect(
          stays.filter(([, member]) => member !== null),
          `${database.name}: ${word}`,
        ).toEqual([[`p${index}`, word, 2]])
      }
    }
  })
})

const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>('', 'a', 'ab', 'b', 'A', 'é', '1', '1.5', 'true', 'null', "it's", '\n', '"', '\\', '\u0001'),
  fc.constantFrom<Json>(0, -0, 1, -1, 1.5, 0.1, 1e21, 1e-7, 12_345_678_901),
  fc.boolean(),
)
const list: fc.Arbitrary<Json> = fc.array(fc.oneof(scalar, fc.constant(null)), { maxLength: 3 })
const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 5, arbitrary: scalar },
  { weight: 2, arbitrary: list },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.record({ b: scalar, '0': scalar }, { requiredKeys: [] }) as fc.Arbitrary<Json> },
)
const properties: fc.Arbitrary<JsonObject> = fc.record(
  { a: value, 'a.b': fc.oneof(scalar, fc.constant(null)) },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>
const propertyTest: fc.Arbitrary<PropertyTest> = fc
  .record({
    property: fc.constantFrom('a', 'a.b', 'a.0', 'a.b.c', 'z'),
    is: fc.constantFrom('eq', 'ne', 'in', 'exists', 'contains', 'order'),
    operand: value,
    other: scalar,
  })
  .chain(({ property, is, operand, other }): fc.Arbitrary<PropertyTest> => {
    const compound = typeof operand === 'object' && !Array.isArray(operand) ? other : operand
    if (is === 'order') {
      return fc
        .constantFrom<PropertyTest['is']>('gt', 'gte', 'lt', 'lte')
        .map((order) => ({ property, is: order, value: typeof other === 'boolean' ? 1 : other }))
    }
    const right = is === 'in' ? [compound, other] : is === 'exists' ? operand === null : compound
    return fc.constant({ property, is, value: right })
  })

describe('a test of a property', () => {
  it('passes in SQL as it does in the engine, whatever the types', async () => {
    const seed = Number(process.env['WAYMARK_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
    const objects = fc.sample(properties, { seed, numRuns: 150 })
    const tests = fc.sample(propertyTest, { seed, numRuns: 250 })
    const expected = objects.map((object) => tests.map((test) => compileTest(test)(object)))
    for (const database of databases) {
      const dialect = dialectOf(database.dialect)
      const rows = objects.map((object, index) => `(${index}, ${dialect.text(JSON.stringify(object))}::${database.json})`)
      const columns = tests.map((test) => `COALESCE(${passes(dialect, test, propertyOf(dialect, 'properties', test.property))}, FALSE)`)
      const said = await database.rows(`SELECT ${columns.join(',\n')} FROM (VALUES ${rows.join(', ')}) AS objects (number, properties) ORDER BY number`)
      for (const [index, object] of objects.entries()) {
        for (const [place, test] of tests.entries()) {
          const says = said[index]?.[place]
          if (says !== expected[index]?.[place])
            throw new Error(`seed ${seed}: ${database.name} says ${says} of ${JSON.stringify(test)} for ${JSON.stringify(object)}\n${columns[place]}`)
        }
      }
    }
  }, 60_000)
})

/** With all six decimals. */
function digitsOf(amount: number): string {
  const millionths = micro(amount)
  const text = String(millionths < 0n ? -millionths : millionths).padStart(7, '0')
  return `${millionths < 0n ? '-' : ''}${text.slice(0, -6)}.${text.slice(-6)}`
}

describe('an amount', () => {
  it('is taken to six decimals as its digits are written, half away from zero', async () => {
    const amounts = [0, 0.1, -0.3, 1.0000005, -1.0000005, 0.00000049, 5e-7, -5e-7, 1.5e-7, 123_456_789_012.345_67, 999_999_999_999.999, 1e12, -1e12]
    const others = [1e12 + 0.001, -2e12, 1e21, 1e300, '5', '1e3', true, null, [1], {}, '-']
    for (const database of databases) {
      const dialect = dialectOf(database.dialect)
      const values = [...amounts, ...others].map((one, index) => `(${index}, ${dialect.text(JSON.stringify(one))}::${database.json})`)
      const columns = `CAST(CAST(${dialect.asDecimal('amount')} AS DECIMAL(38, 6)) AS TEXT)`
      const rows = await database.rows(`SELECT ${columns} FROM (VALUES ${values.join(', ')}) AS amounts (number, amount) ORDER BY number`)
      expect(rows.flat(), database.name).toEqual([...amounts.map(digitsOf), ...others.map(() => null)])
    }
  })

  it('is written so for a threshold', () => {
    const digits = [0, -0, 0.5, -2, 1.0000005, -0.0000004, 1e21, 1e-7, 123_456.789].map(decimalDigits)
    expect(digits).toEqual(['0', '0', '0.5', '-2', '1.000001', '0', '1000000000000000000000', '0', '123456.789'])
  })
})

describe('a query', () => {
  const asking = (id: string, segment: string): Segment => ({ id, members: [{ name: 'm', when: { kind: 'inSegment', segment, member: 'm', for: 1 } }] })

  it('is refused where segments ask for each other, or for one that is not there', () => {
    const segments = [asking('a', 'b'), asking('b', 'a')]
    expect(() => segmentSql(asking('a', 'b'), { dialect: 'duckdb', segments })).toThrow("segment 'a' depends on itself")
    expect(() => segmentSql(asking('a', 'nowhere'), { dialect: 'duckdb' })).toThrow("there is no segment 'nowhere'")
  })

  it('takes the time of the database', async () => {
    const segment: Segment = {
      id: 's',
      members: [
        { name: 'gone', when: { kind: 'inactive', for: 60_000 } },
        { name: 'here', when: { kind: 'otherwise' } },
      ],
    }
    const blank = { type: 'track', userId: 'u', event: 'a', properties: {}, traits: {}, context: {}, integrations: {}, source: 's' } as const
    const at = (timestamp: number): CanonicalEvent => ({ ...blank, messageId: `m${timestamp}`, timestamp, receivedAt: timestamp })
    const [now, hour] = [Date.now(), 3_600_000]
    const profiles = [at(now - hour), at(now - 1_000), at(now + hour)].map((event, index) => ({ profile: `p${index}`, moments: [now], events: [event] }))
    for (const database of databases) {
      await load(database, profiles)
      const rows = await database.rows(segmentSql(segment, { dialect: database.dialect }))
      expect(Object.fromEntries(rows), database.name).toEqual({ p0: 'gone', p1: 'here' })
    }
  })
})
