import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Mail } from '../../server/model.ts'
import { call } from '../api.ts'
import { Brand, Notice } from '../parts.tsx'

const REFRESH = 2_000

/** The mails that reached the mail server on this machine. */
export function Mailbox(): JSX.Element {
  const [mails, setMails] = useState<readonly Mail[]>()
  const [problem, setProblem] = useState<string>()
  const [chosen, setChosen] = useState<number>()

  useEffect(() => {
    document.title = 'Mailbox · Fieldnotes'
    const look = () =>
      void call<readonly Mail[]>('GET', '/mails').then(
        (found) => {
          setMails((before) => (before?.length === found.length ? before : found))
          setProblem(undefined)
        },
        (error: Error) => setProblem(error.message),
      )
    look()
    const timer = setInterval(look, REFRESH)
    return () => clearInterval(timer)
  }, [])
  const open = mails?.find(({ id }) => id === chosen) ?? mails?.[0]

  return (
    <main class="mailbox">
      <header>
        <Brand />
        <a href="/">Back to the product</a>
      </header>
      <h1>Mailbox</h1>
      <p class="quiet">Every mail that this example sends arrives here, and nowhere else.</p>
      {problem !== undefined && <Notice text={problem} />}
      {mails?.length === 0 && <p class="empty">No mail yet. Users who agreed to emails get one when they have been away for a day.</p>}
      {open !== undefined && (
        <div class="mails">
          <ul aria-label="Mails, newest first">
            {mails?.map((mail) => (
              <li key={mail.id}>
                <button type="button" aria-current={mail.id === open.id ? 'true' : undefined} onClick={() => setChosen(mail.id)}>
                  {mail.subject}
                  <small>
                    {mail.to}, {new Date(mail.at).toLocaleString(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })}
                  </small>
                </button>
              </li>
            ))}
          </ul>
          <article>
            <h2>{open.subject}</h2>
            <p class="quiet">
              From {open.from} to {open.to}
            </p>
            {open.hasHtml && <iframe title="The mail as HTML" src={`/mailbox/${open.id}`} sandbox="allow-popups allow-popups-to-escape-sandbox" />}
            <details open={!open.hasHtml}>
              <summary>Plain text</summary>
              <pre>{open.text}</pre>
            </details>
          </article>
        </div>
      )}
    </main>
  )
}
