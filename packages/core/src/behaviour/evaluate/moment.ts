/**
 * Moments are epoch milliseconds. The two below lie outside what a `Date` reaches, and are plain numbers, so that what is kept is
 * JSON and needs no test before it is compared.
 */

/** No moment: it has not happened. Before every moment there is. */
export const NONE: number = -9e15
/** The moment that never comes. After every moment there is. */
export const NEVER: number = 9e15
