import type { JSX, RefObject } from 'preact'
import { useState } from 'preact/hooks'
import type { Account } from '../../server/model.ts'
import { call } from '../api.ts'
import { ConsentChoice, Notice, useAction, type ViewProps } from '../parts.tsx'

/** What the person agreed to, to be changed at any time, and the way out. */
export function Choices(props: ViewProps & { readonly dialog: RefObject<HTMLDialogElement | null>; readonly onLeave: () => void }): JSX.Element {
  const { account, tracker, onChange, dialog, onLeave } = props
  const [consent, setConsent] = useState(account.consent)
  const { busy, problem, run } = useAction()

  function save(event: Event): void {
    event.preventDefault()
    run(async () => {
      const changed = await call<Account>('PUT', '/consent', consent)
      tracker.agree(changed.consent)
      onChange(changed)
      dialog.current?.close()
    })
  }
  return (
    <dialog ref={dialog} class="choices" aria-labelledby="choices-title" onClose={() => setConsent(account.consent)}>
      <form onSubmit={save}>
        <h2 id="choices-title">{account.name}</h2>
        <p class="quiet">{account.email}</p>
        <ConsentChoice value={consent} onChange={setConsent} />
        {problem !== undefined && <Notice text={problem} />}
        <div class="actions">
          <button class="primary" type="submit" disabled={busy}>
            Save
          </button>
          <button class="plain" type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button class="plain end" type="button" onClick={onLeave}>
            Sign out
          </button>
        </div>
      </form>
    </dialog>
  )
}
