export type FindingStatus = 'ok' | 'warn' | 'fail'

/** One thing that was looked at, and how it is. */
export interface Finding {
  /** `ok`: as it should be. `warn`: it works, and somebody should look at it. `fail`: something does not work, or is about to stop working. */
  readonly status: FindingStatus
  readonly area:
    | 'config'
    | 'store'
    | 'log'
    | 'disk'
    | 'clock'
    | 'plugins'
    | 'sources'
    | 'lag'
    | 'outbox'
    | 'timers'
    | 'dead letters'
    | 'quarantine'
    | 'erasures'
  /** What is the case, in one sentence. */
  readonly says: string
  /** What to do about it; always there unless it is `ok`. */
  readonly mend?: string
}

export function ok(area: Finding['area'], says: string): Finding {
  return { status: 'ok', area, says }
}

export function warn(area: Finding['area'], says: string, mend: string): Finding {
  return { status: 'warn', area, says, mend }
}

export function fail(area: Finding['area'], says: string, mend: string): Finding {
  return { status: 'fail', area, says, mend }
}

/** The worst of them. */
export function worstOf(findings: readonly Finding[]): FindingStatus {
  const has = (status: FindingStatus) => findings.some((finding) => finding.status === status)
  return has('fail') ? 'fail' : has('warn') ? 'warn' : 'ok'
}
