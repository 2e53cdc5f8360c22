import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { type Account, type Card, COLUMN_NAMES, COLUMNS, type Column } from '../../server/model.ts'
import { call } from '../api.ts'
import { Heading, Notice, useAction, type ViewProps } from '../parts.tsx'

/** Feature A: cards in three columns. */
export function Boards({ account, tracker, onChange }: ViewProps): JSX.Element {
  const [text, setText] = useState('')
  const { problem, run } = useAction()
  const { cards } = account.workspace

  function add(event: Event): void {
    event.preventDefault()
    const lines = text.split('\n').filter((line) => line.trim() !== '').length
    run(async () => {
      onChange(await call<Account>('POST', '/cards', { text }))
      tracker.track('feature_used', { feature: 'A', advanced: lines > 1 })
      setText('')
    })
  }
  function move(card: Card, column: Column): void {
    run(async () => {
      onChange(await call<Account>('POST', '/cards/move', { id: card.id, column }))
      tracker.track('feature_used', { feature: 'A', advanced: false })
    })
  }
  const remove = (card: Card) => run(async () => onChange(await call<Account>('POST', '/cards/remove', { id: card.id })))

  return (
    <>
      <Heading>Boards</Heading>
      <form class="composer" onSubmit={add}>
        <label class="visually-hidden" for="new-card">
          New card
        </label>
        <textarea
          id="new-card"
          rows={Math.min(6, text.split('\n').length)}
          placeholder="What is to be done?"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) add(event)
          }}
        />
        <button class="primary" type="submit">
          Add card
        </button>
      </form>
      {problem !== undefined && <Notice text={problem} />}
      <div class="board">
        {COLUMNS.map((column) => {
          const inColumn = cards.filter((card) => card.column === column)
          return (
            <section key={column} class="column" aria-labelledby={`column-${column}`}>
              <h2 id={`column-${column}`}>
                {COLUMN_NAMES[column]} <span class="count">{inColumn.length}</span>
              </h2>
              {inColumn.length === 0 && <p class="empty">{column === 'todo' ? 'Write the first card above.' : 'Nothing here yet.'}</p>}
              <ul>
                {inColumn.map((card) => (
                  <CardItem key={card.id} card={card} onMove={(to) => move(card, to)} onRemove={() => remove(card)} />
                ))}
              </ul>
            </section>
          )
        })}
      </div>
    </>
  )
}

interface CardItemProps {
  readonly card: Card
  readonly onMove: (column: Column) => void
  readonly onRemove: () => void
}

function CardItem({ card, onMove, onRemove }: CardItemProps): JSX.Element {
  const place = COLUMNS.indexOf(card.column)
  const back = COLUMNS[place - 1]
  const on = COLUMNS[place + 1]
  return (
    <li class="card">
      <p>{card.text}</p>
      {card.stampedAt !== undefined && (
        <p class="stamp">Done on {new Date(card.stampedAt).toLocaleDateString(undefined, { day: 'numeric', month: 'short' })}</p>
      )}
      <div class="card-actions">
        {back !== undefined && <IconButton label={`Move “${card.text}” back to ${COLUMN_NAMES[back]}`} path="M14 6l-6 6 6 6" onClick={() => onMove(back)} />}
        {on !== undefined && <IconButton label={`Move “${card.text}” on to ${COLUMN_NAMES[on]}`} path="M10 6l6 6-6 6" onClick={() => onMove(on)} />}
        <IconButton label={`Delete “${card.text}”`} path="M7 7l10 10M17 7L7 17" onClick={onRemove} />
      </div>
    </li>
  )
}

function IconButton({ label, path, onClick }: { readonly label: string; readonly path: string; readonly onClick: () => void }): JSX.Element {
  return (
    <button class="icon" type="button" aria-label={label} title={label} onClick={onClick}>
      <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
        <path d={path} />
      </svg>
    </button>
  )
}
