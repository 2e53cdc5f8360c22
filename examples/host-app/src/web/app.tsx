import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Account, Session } from '../server/model.ts'
import { startTracker, type Tracker } from './analytics.ts'
import { call } from './api.ts'
import { Notice } from './parts.tsx'
import { Mailbox } from './views/mailbox.tsx'
import { Onboarding } from './views/onboarding.tsx'
import { SignUp } from './views/sign-up.tsx'
import { Workspace } from './views/workspace.tsx'

/** Which page there is depends on the address and on who is signed in. */
export function App(): JSX.Element {
  return location.pathname === '/mailbox' ? <Mailbox /> : <Product />
}

function Product(): JSX.Element {
  const [session, setSession] = useState<Session>()
  const [account, setAccount] = useState<Account | null>(null)
  const [problem, setProblem] = useState<string>()
  const tracker = useRef<Tracker>(undefined)

  function enter(entered: Account, { waymark }: Session): void {
    tracker.current ??= startTracker(entered, waymark)
    setAccount(entered)
  }
  async function leave(): Promise<void> {
    await call('POST', '/sign-out')
    tracker.current?.stop()
    tracker.current = undefined
    setAccount(null)
  }
  useEffect(() => {
    call<Session>('GET', '/session').then(
      (found) => {
        setSession(found)
        if (found.account !== null) enter(found.account, found)
      },
      (error: Error) => setProblem(error.message),
    )
  }, [])

  if (problem !== undefined) return <Notice text={problem} />
  if (session === undefined) return <div class="loading" aria-busy="true" />
  if (account === null || tracker.current === undefined) return <SignUp onEntered={(entered) => enter(entered, session)} />
  const shared = { account, tracker: tracker.current, onChange: setAccount }
  if (account.step !== undefined) return <Onboarding {...shared} step={account.step} />
  return <Workspace {...shared} canTravel={session.canTravel} onLeave={() => void leave().catch((error: Error) => setProblem(error.message))} />
}
