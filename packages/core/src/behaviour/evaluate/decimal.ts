/**
 * Sums are decimal: each amount is taken to six decimals and added up exactly, as a number of ones and of millionths in two cells.
 * So 0.1 ten times is 1, in whatever order, and what leaves a window leaves nothing behind. Exact up to 2^53 ones.
 */

const MILLION = 1_000_000
/** From so many ones on the binary number may miss the written millionths by more than `NEAR`. */
const FINE = 2 ** 23
/** How far from a half, in millionths, a binary number may be that is written as one. */
const NEAR = 1e-3

/** Adds `amount` to the sum in `cells[at]` and `cells[at + 1]`; with `sign` -1 takes it away. */
export function addDecimal(cells: number[], at: number, amount: number, sign: 1 | -1): void {
  const ones = Math.trunc(amount)
  const sum = (cells[at + 1] as number) + (ones === amount ? 0 : sign * millionthsOf(amount, ones))
  const carried = sum >= 0 && sum < MILLION ? 0 : Math.floor(sum / MILLION)
  cells[at] = (cells[at] as number) + sign * ones + carried
  cells[at + 1] = sum - carried * MILLION
}

/** What an amount has beside its ones, rounded half away from zero. */
function millionthsOf(amount: number, ones: number): number {
  const size = Math.abs(amount - ones) * MILLION
  // The binary number may just miss what is written, and what is written counts, as in SQL: 1.0000005 is a half, 1e11 + 0.1 has no 6 at its end.
  const isClose = Math.abs(ones) >= FINE || Math.abs((size % 1) - 0.5) < NEAR
  const millionths = Math.round(isClose ? writtenMillionthsOf(Math.abs(amount)) : size)
  return amount < 0 ? -millionths : millionths
}

/** By the digits behind the point, six places further left. */
function writtenMillionthsOf(amount: number): number {
  const [digits = '', exponent = '0'] = String(amount).split('e')
  // One with an exponent is less than a millionth.
  const fraction = exponent === '0' ? digits.slice(digits.indexOf('.')) : digits
  return Number(`${fraction}e${Number(exponent) + 6}`)
}

/** Negative, zero or positive as the sum is below, at or above the value. */
export function compareDecimal(ones: number, millionths: number, value: readonly number[]): number {
  return ones - (value[0] as number) || millionths - (value[1] as number)
}

/** A number as its ones and millionths, the latter from 0 to 999,999. */
export function decimalOf(value: number): readonly number[] {
  const cells = [0, 0]
  addDecimal(cells, 0, value, 1)
  return cells
}

export function numberOf(ones: number, millionths: number): number {
  return ones + millionths / MILLION
}
