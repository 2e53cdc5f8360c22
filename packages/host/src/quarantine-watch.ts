import type { Logger } from '@waymark/core'

/** Keeps an eye on how much of what each source sends is bad. */
export interface QuarantineWatch {
  good(source: string): void
  bad(source: string, reason: string): void
}

/** Of so many events of a source the newest … */
const WINDOW = 1_000
/** … more bad ones than this are said aloud: 5%. */
const ALARM = 50
/** The episode is over when no more than this are bad. */
const OVER = 25
/** Sources are named by whoever sends: no more than this are watched, those that have sent most recently. */
const MOST_SOURCES = 1_000

interface Source {
  /** The reason of each bad one of the newest events, and undefined for each good one. */
  readonly recent: (string | undefined)[]
  next: number
  bad: number
  isAlarmed: boolean
}

/** One line when a source turns bad and one when it is good again, however long that takes: what is accepted goes on being taken in. */
export function createQuarantineWatch(logger: Logger): QuarantineWatch {
  const sources = new Map<string, Source>()

  function note(name: string, reason: string | undefined): void {
    const source = sources.get(name) ?? { recent: [], next: 0, bad: 0, isAlarmed: false }
    if (source.recent[source.next] !== undefined) source.bad -= 1
    if (reason !== undefined) source.bad += 1
    source.recent[source.next] = reason
    source.next = (source.next + 1) % WINDOW
    remember(name, source)
    if (!source.isAlarmed && source.bad > ALARM) alarm(name, source)
    else if (source.isAlarmed && source.bad <= OVER && source.recent.length === WINDOW) {
      source.isAlarmed = false
      logger.info('a source sends what fits the plan again', { source: name, bad: source.bad, of: WINDOW })
    }
  }

  function remember(name: string, source: Source): void {
    if (sources.has(name)) return
    const [oldest] = sources.keys()
    if (sources.size >= MOST_SOURCES && oldest !== undefined) sources.delete(oldest)
    sources.set(name, source)
  }

  function alarm(name: string, source: Source): void {
    source.isAlarmed = true
    const reasons = new Map<string, number>()
    for (const reason of source.recent) if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    const top = [...reasons].sort(([, a], [, b]) => b - a).slice(0, 3)
    logger.error(`more than 5% of what '${name}' sends does not fit the plan`, {
      source: name,
      bad: source.bad,
      of: source.recent.length,
      reasons: top.map(([reason, count]) => `${count} x ${reason}`),
      mend: `mend the plan or the sender; waymark quarantine list --source ${name} shows them, waymark quarantine replay takes in what fits then`,
    })
  }

  return { good: (source) => note(source, undefined), bad: note }
}
