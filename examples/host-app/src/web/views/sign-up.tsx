import type { JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { Account } from '../../server/model.ts'
import { call } from '../api.ts'
import { Brand, ConsentChoice, Notice, useAction } from '../parts.tsx'

const PREVIEW = [
  { name: 'To do', cards: ['Plan the interviews', 'Book the van'] },
  { name: 'Doing', cards: ['Visit the first site'] },
  { name: 'Done', cards: ['Choose five sites', 'Write the questions'] },
]

const BARS = [14, 22, 18, 34, 28, 44, 54]

/** Where people come in, the first time and every later one. */
export function SignUp({ onEntered }: { readonly onEntered: (account: Account) => void }): JSX.Element {
  const [isNew, setIsNew] = useState(true)
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [consent, setConsent] = useState({ personalization: false, marketing: false })
  const { busy, problem, run } = useAction()
  const id = useId()

  function submit(event: Event): void {
    event.preventDefault()
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
    run(async () =>
      onEntered(await (isNew ? call<Account>('POST', '/sign-up', { name, email, consent, timezone: timeZone }) : call<Account>('POST', '/sign-in', { email }))),
    )
  }

  return (
    <main class="entrance">
      <section class="entrance-form">
        <Brand />
        <h1>{isNew ? 'Keep the team’s work in sight' : 'Welcome back'}</h1>
        <p class="lead">
          {isNew ? 'Boards for what there is to do, automations for what repeats, reports for how it goes.' : 'Enter the email you signed up with.'}
        </p>
        <form onSubmit={submit} noValidate>
          {isNew && (
            <div class="field">
              <label for={`${id}-name`}>Name</label>
              <input id={`${id}-name`} name="name" autocomplete="name" value={name} onInput={(event) => setName(event.currentTarget.value)} />
            </div>
          )}
          <div class="field">
            <label for={`${id}-email`}>Email</label>
            <input id={`${id}-email`} name="email" type="email" autocomplete="email" value={email} onInput={(event) => setEmail(event.currentTarget.value)} />
          </div>
          {isNew && <ConsentChoice value={consent} onChange={setConsent} />}
          {problem !== undefined && <Notice text={problem} />}
          <button class="primary" type="submit" disabled={busy}>
            {isNew ? 'Sign up' : 'Sign in'}
          </button>
        </form>
        <p class="quiet">
          {isNew ? 'Signed up before? ' : 'New here? '}
          <button class="link" type="button" onClick={() => setIsNew(!isNew)}>
            {isNew ? 'Sign in' : 'Sign up'}
          </button>
        </p>
      </section>
      <section class="entrance-preview" aria-hidden="true">
        <div class="preview-board">
          {PREVIEW.map((column) => (
            <div class="preview-column" key={column.name}>
              <span>{column.name}</span>
              {column.cards.map((card) => (
                <div class="preview-card" key={card}>
                  {card}
                </div>
              ))}
            </div>
          ))}
        </div>
        <div class="preview-row">
          <p>
            Date stamp
            <small>Cards that reach Done are stamped with the date.</small>
          </p>
          <span class="switch on" />
        </div>
        <div class="preview-row">
          <p>
            This week
            <small>Two of five cards finished.</small>
          </p>
          <svg viewBox="0 0 132 56" width="132" height="56" aria-hidden="true">
            {BARS.map((height, index) => (
              <rect key={index} x={index * 20} y={56 - height} width="12" height={height} rx="3" class="bar" />
            ))}
          </svg>
        </div>
      </section>
    </main>
  )
}
