import type { JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import { type Account, AUTOMATIONS, type AutomationId, COLUMN_NAMES, COLUMNS, type Column } from '../../server/model.ts'
import { call } from '../api.ts'
import { Heading, Notice, useAction, type ViewProps } from '../parts.tsx'

/** Feature B: what the board does by itself. */
export function Automations({ account, tracker, onChange }: ViewProps): JSX.Element {
  const [word, setWord] = useState('')
  const [column, setColumn] = useState<Column>('doing')
  const { problem, run } = useAction()
  const id = useId()
  const { automations, sortings } = account.workspace

  function change(path: string, body: unknown, advanced: boolean): void {
    run(async () => {
      onChange(await call<Account>('POST', path, body))
      tracker.track('feature_used', { feature: 'B', advanced })
      if (advanced) setWord('')
    })
  }
  return (
    <>
      <Heading>Automations</Heading>
      <ul class="switches">
        {(Object.keys(AUTOMATIONS) as AutomationId[]).map((key) => {
          const on = automations.includes(key)
          return (
            <li key={key}>
              <span id={`${id}-${key}`}>
                {AUTOMATIONS[key].name}
                <small>{AUTOMATIONS[key].says}</small>
              </span>
              <button
                class="switch"
                type="button"
                role="switch"
                aria-checked={on}
                aria-labelledby={`${id}-${key}`}
                onClick={() => change('/automations', { id: key, on: !on }, false)}
              />
            </li>
          )
        })}
      </ul>
      <section class="own">
        <h2>Your own</h2>
        <form
          class="sentence"
          onSubmit={(event) => {
            event.preventDefault()
            change('/sortings', { word, column }, true)
          }}
        >
          <label for={`${id}-word`}>A new card that says</label>
          <input id={`${id}-word`} value={word} placeholder="urgent" onInput={(event) => setWord(event.currentTarget.value)} />
          <label for={`${id}-column`}>begins in</label>
          <select id={`${id}-column`} value={column} onChange={(event) => setColumn(event.currentTarget.value as Column)}>
            {COLUMNS.map((one) => (
              <option key={one} value={one}>
                {COLUMN_NAMES[one]}
              </option>
            ))}
          </select>
          <button class="primary" type="submit">
            Add
          </button>
        </form>
        {problem !== undefined && <Notice text={problem} />}
        <ul class="sortings">
          {sortings.map((sorting) => (
            <li key={sorting.word}>
              <span>
                “{sorting.word}” begins in {COLUMN_NAMES[sorting.column]}
              </span>
              <button
                class="plain"
                type="button"
                aria-label={`Remove the automation for “${sorting.word}”`}
                onClick={() => change('/sortings/remove', { word: sorting.word }, false)}
              >
                Remove
              </button>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}
