import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cut, cutBytes, halves, jsonBytes, parcels, sanitize, unsafe } from '../src/index.ts'

const text = fc.string({ unit: 'binary' })
const broken = fc.array(fc.oneof(fc.string(), fc.constantFrom('\ud800', '\udfff', '😀', 'é'))).map((parts) => parts.join(''))

describe('sanitize', () => {
  it('makes what becomes JSON and comes back the same', () => {
    fc.assert(
      fc.property(fc.dictionary(broken, fc.anything({ withBigInt: true, withDate: true, withSparseArray: true, withTypedArray: true })), (value) => {
        const json = JSON.stringify(sanitize(value))
        expect(JSON.stringify(JSON.parse(json))).toBe(json)
        expect(JSON.stringify(sanitize(JSON.parse(json)))).toBe(json)
        expect(Buffer.from(json).toString()).toBe(json)
      }),
    )
  })

  it('leaves JSON as it is', () => {
    fc.assert(
      fc.property(fc.dictionary(text, fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' })), (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as object
        fc.pre(unsafe(plain) === undefined)
        expect(JSON.stringify(sanitize(plain))).toBe(JSON.stringify(plain))
      }),
    )
  })

  it('names what it cannot keep, and ends', () => {
    const circle: Record<string, unknown> = { big: 1n, when: new Date(0), never: new Date(Number.NaN), nan: Number.NaN, run() {} }
    circle['self'] = circle
    expect(sanitize(circle)).toEqual({ big: '1', when: '1970-01-01T00:00:00.000Z', never: null, nan: null, self: '[circular]' })
    let deep: object = {}
    for (let level = 0; level < 5_000; level += 1) deep = { deep }
    expect(JSON.stringify(sanitize(deep))).toContain('[too deep]')
  })
})

describe('cutting', () => {
  it('keeps a beginning of whole characters within the limit, the longest there is', () => {
    fc.assert(
      fc.property(text, fc.nat(40), (whole, most) => {
        for (const [short, size] of [
          [cut(whole, most), (one: string) => one.length],
          [cutBytes(whole, most), (one: string) => Buffer.byteLength(one)],
        ] as const) {
          expect(whole.startsWith(short)).toBe(true)
          expect(size(short)).toBeLessThanOrEqual(most)
          expect(short.isWellFormed()).toBe(true)
          const [next] = whole.slice(short.length)
          if (next !== undefined) expect(size(short + next)).toBeGreaterThan(most)
        }
      }),
    )
  })
})

describe('parcels', () => {
  it('hold everything in order, within the limits unless alone, and are not smaller than they must be', () => {
    const items = fc.array(fc.record({ bytes: fc.nat(50) }))
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 90 }), (all, most, bytes) => {
        const filled = parcels(all, { items: most, bytes })
        const sum = (parcel: readonly { bytes: number }[]) => parcel.reduce((total, one) => total + one.bytes, 0)
        expect(filled.flat()).toEqual(all)
        filled.forEach((parcel, index) => {
          expect(parcel.length).toBeGreaterThan(0)
          expect(parcel.length).toBeLessThanOrEqual(most)
          if (parcel.length > 1) expect(sum(parcel)).toBeLessThanOrEqual(bytes)
          const next = filled[index + 1]?.[0]
          if (next !== undefined && parcel.length < most) expect(sum([...parcel, next])).toBeGreaterThan(bytes)
        })
      }),
    )
  })

  it('are halved without losing any, to the end', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 2 }), (all) => {
        const [first, second] = halves(all)
        expect([...first, ...second]).toEqual(all)
        expect(Math.min(first.length, second.length)).toBeGreaterThan(0)
      }),
    )
  })
})

it('says what is not safe to keep', () => {
  expect(unsafe({ a: [{ b: 1 }] })).toBeUndefined()
  expect(unsafe(JSON.parse('{"a":[{"__proto__":1}]}'))).toContain('__proto__')
  expect(unsafe(JSON.parse(`${'['.repeat(33)}${']'.repeat(33)}`))).toContain('32 levels')
  expect(unsafe(JSON.parse(`${'['.repeat(32)}${']'.repeat(32)}`))).toBeUndefined()
  expect(jsonBytes({ a: 'é' })).toBe(10)
})
