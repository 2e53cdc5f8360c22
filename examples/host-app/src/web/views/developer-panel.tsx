import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Insight } from '../../server/model.ts'
import { call } from '../api.ts'
import { Notice, useAction } from '../parts.tsx'

const REFRESH = 2_000

/** For whoever builds on this example: what Waymark knows of the user, and a way to put the clock forward. */
export function DeveloperPanel({ canTravel, onClose }: { readonly canTravel: boolean; readonly onClose: () => void }): JSX.Element {
  const [insight, setInsight] = useState<Insight>()
  const { busy, problem, run } = useAction()
  const look = async () => setInsight(await call<Insight>('GET', '/insight'))

  useEffect(() => {
    // The next look says what went wrong, should it last.
    const again = () => void look().catch(() => {})
    again()
    const timer = setInterval(again, REFRESH)
    return () => clearInterval(timer)
  }, [])
  const travel = (hours: number) =>
    run(async () => {
      await call('POST', '/travel', { hours })
      await look()
    })

  return (
    <aside class="developer-panel" aria-label="Developer panel">
      <header>
        <div>
          <h2>Developer panel</h2>
          <p class="quiet">Not part of the product.</p>
        </div>
        <button class="plain" type="button" onClick={onClose}>
          Close
        </button>
      </header>
      <section>
        <h3>Time travel</h3>
        <p class="clock">
          {insight === undefined
            ? '…'
            : new Date(insight.now).toLocaleString(undefined, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })}
        </p>
        {canTravel ? (
          <div class="actions">
            <button type="button" disabled={busy} onClick={() => travel(1)}>
              +1 hour
            </button>
            <button type="button" disabled={busy} onClick={() => travel(24)}>
              +1 day
            </button>
          </div>
        ) : (
          <p class="quiet">
            Real time. Start with <code>--virtual</code> to move the clock.
          </p>
        )}
        {problem !== undefined && <Notice text={problem} />}
        <p>
          <a href="/mailbox" target="_blank" rel="noreferrer">
            Open the mailbox
          </a>
        </p>
      </section>
      <section>
        <h3>Rules</h3>
        {insight?.rules.map(({ id, isTrue, why, outcome }) => (
          <div class="standing" key={id}>
            <p>
              {id} <span class={isTrue ? 'tag yes' : 'tag'}>{isTrue ? 'true' : 'not true'}</span>
            </p>
            <p class="outcome">{outcome}</p>
            <Reasons of={why} />
          </div>
        ))}
      </section>
      <section>
        <h3>Segments</h3>
        {insight?.segments.map(({ id, member, why }) => (
          <div class="standing" key={id}>
            <p>
              {id} <span class={member === null ? 'tag' : 'tag yes'}>{member ?? 'not settled'}</span>
            </p>
            <Reasons of={why} />
          </div>
        ))}
      </section>
    </aside>
  )
}

function Reasons({ of }: { readonly of: readonly string[] }): JSX.Element {
  return (
    <ul class="reasons">
      {of.map((reason) => (
        <li key={reason}>{reason}</li>
      ))}
    </ul>
  )
}
