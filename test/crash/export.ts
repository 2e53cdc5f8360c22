import type { CanonicalEvent } from '@waymark/core'

/** Who stays, and is reckoned for to the end. */
const STAYERS = 4
/** So often somebody has done it who is `busy`; before that they are `idle`. */
export const BUSY = 10
/** A rule fires when somebody has done it so often. */
export const TIMES: readonly number[] = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987]

const START = Date.UTC(2026, 0, 1)

/** Of each page three events are of one who stays, and one of somebody who is forgotten sooner or later. */
const OF_STAYER = 3

export const leaver = (index: number): string => `gone-${index}`
export const isLeaver = (userId: string | undefined): boolean => userId?.startsWith('gone-') ?? false

/** A page of the vendor's export, counted from 1. */
export function exported(page: number, leavers: number): readonly CanonicalEvent[] {
  const users = [...Array.from({ length: OF_STAYER }, () => `u${page % STAYERS}`), leaver(page % leavers)]
  return users.map((userId, index): CanonicalEvent => {
    const [messageId, timestamp] = [`p${page}-${index}`, momentOf(page, index)]
    return {
      ...{ type: 'track', event: 'did_it', messageId, userId, timestamp, receivedAt: timestamp, source: 'vendor' },
      ...{ properties: {}, traits: {}, context: {}, integrations: {} },
    }
  })
}

/** What is found out of those who stay from so many pages, each once: reckoned from the definitions, without the engine. */
export function learnedFrom(pages: number): readonly string[] {
  return Array.from({ length: STAYERS }, (_, user) => {
    const moments: number[] = []
    for (let page = 1; page <= pages; page += 1) {
      if (page % STAYERS === user) for (let index = 0; index < OF_STAYER; index += 1) moments.push(momentOf(page, index))
    }
    const members = [...(moments.length > 0 ? ['idle'] : []), ...(moments.length >= BUSY ? ['busy'] : [])].map((member) => `u${user} is ${member}`)
    return [...members, ...TIMES.filter((times) => times <= moments.length).map((times) => `times-${times}:u${user}:${moments[times - 1]}`)]
  }).flat()
}

function momentOf(page: number, index: number): number {
  return START + page * 1_000 + index
}
