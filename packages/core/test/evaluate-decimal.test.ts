import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDecimal, compareDecimal, decimalOf, numberOf } from '../src/behaviour/evaluate/decimal.ts'
import { micro } from './naive-predicates.ts'

const RUNS = Number(process.env['WAYMARK_RUNS'] ?? 2_000)

/** Amounts as they are written: with up to eight decimals, at a half of the sixth, tiny, and as large as counts. */
const written: fc.Arbitrary<number> = fc
  .record({
    whole: fc.oneof(fc.constant(0), fc.nat(20), fc.nat(1_000_000_000), fc.constantFrom(999_999_999_999, 8_388_607, 8_388_608, 100_000_000_000)),
    fraction: fc.oneof(
      fc.constant(0),
      fc.nat(99_999_999),
      fc.nat(999_999).map((millionths) => millionths * 100 + 50),
      fc.constantFrom(99_999_950, 99_999_949, 10_000_000),
    ),
    sign: fc.constantFrom('', '-'),
  })
  .map(({ whole, fraction, sign }) => Number(`${sign}${whole}.${String(fraction).padStart(8, '0')}`))
const amount: fc.Arbitrary<number> = fc.oneof(
  { weight: 6, arbitrary: written },
  { weight: 2, arbitrary: fc.double({ min: -1e12, max: 1e12, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: -1e-5, max: 1e-5, noNaN: true }) },
)

function millionths([ones, rest]: readonly number[]): bigint {
  expect(Number.isInteger(rest) && (rest as number) >= 0 && (rest as number) < 1_000_000, `${rest} millionths`).toBe(true)
  return BigInt(ones as number) * 1_000_000n + BigInt(rest as number)
}

describe('decimal sums', () => {
  it('take an amount to six decimals as it is written, half away from zero', () => {
    fc.assert(
      fc.property(amount, (one) => {
        expect(millionths(decimalOf(one)), String(one)).toBe(micro(one))
      }),
      { numRuns: RUNS },
    )
  })

  it.each([
    [1.0000005, 1_000_001n],
    [-1.0000005, -1_000_001n],
    [0.0000005, 1n],
    [1.49e-6, 1n],
    [5.0005e-7, 1n],
    [4.9995e-7, 0n],
    [0.9999995, 1_000_000n],
    [-0.9999995, -1_000_000n],
    [100_000_000_000.1, 100_000_000_000_100_000n],
    [999_999_999_999.9999, 999_999_999_999_999_900n],
    [-8_388_608.0000025, -8_388_608_000_003n],
    [1e21, 10n ** 27n],
  ])('%d', (one, expected) => {
    expect(millionths(decimalOf(one))).toBe(expected)
  })

  it('add and take away exactly, compare, and are a number again, beside what other cells hold', () => {
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 30 }), fc.nat(29), amount, (amounts, gone, value) => {
        const cells = [7, 0, 0, 7]
        for (const one of amounts) addDecimal(cells, 1, one, 1)
        for (const one of amounts.slice(0, gone)) addDecimal(cells, 1, one, -1)
        const sum = amounts.slice(gone).reduce((total, one) => total + micro(one), 0n)
        const [before, ones, rest, after] = cells as [number, number, number, number]
        expect([before, after, millionths([ones, rest])]).toEqual([7, 7, sum])
        expect(Math.sign(compareDecimal(ones, rest, decimalOf(value)))).toBe(Number(sum > micro(value)) - Number(sum < micro(value)))
        expect(compareDecimal(ones, rest, [ones, rest])).toBe(0)
        expect(numberOf(ones, rest)).toBe(ones + rest / 1e6)
      }),
      { numRuns: RUNS },
    )
  })
})
