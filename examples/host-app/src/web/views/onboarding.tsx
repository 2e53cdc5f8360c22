import type { JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import { type Account, REVIEW_DAYS, STEPS, type Step, TEMPLATES, type Template } from '../../server/model.ts'
import { call } from '../api.ts'
import { Brand, Heading, Notice, useAction, type ViewProps } from '../parts.tsx'

const WORDS: Readonly<Record<Step, { readonly title: string; readonly lead: string }>> = {
  workspace: { title: 'Name your workspace', lead: 'Everyone you work with will see this name.' },
  template: { title: 'Begin with a board', lead: 'A few cards to start from. You can throw them away at any time.' },
  rhythm: { title: 'Choose your review day', lead: 'The day on which the team looks at the board together.' },
}

/** Three steps, the same for everybody: Waymark never changes what is static. */
export function Onboarding({ account, tracker, onChange, step }: ViewProps & { readonly step: Step }): JSX.Element {
  const [name, setName] = useState(account.workspace.name)
  const [template, setTemplate] = useState<Template>('launch')
  const [day, setDay] = useState<(typeof REVIEW_DAYS)[number]>('Friday')
  const { busy, problem, run } = useAction()
  const id = useId()
  const number = STEPS.indexOf(step) + 1

  function submit(event: Event): void {
    event.preventDefault()
    const answer = step === 'workspace' ? { step, name } : step === 'template' ? { step, template } : { step, day }
    run(async () => {
      const changed = await call<Account>('POST', '/onboarding', answer)
      tracker.track('onboarding_step_completed', { step })
      onChange(changed)
    })
  }
  function skip(): void {
    run(async () => {
      const changed = await call<Account>('POST', '/onboarding/skip', {})
      tracker.track('onboarding_skipped', { screen: step })
      onChange(changed)
    })
  }

  return (
    <main class="onboarding">
      <Brand />
      <div class="panel">
        <p class="steps">
          <span class="visually-hidden">
            Step {number} of {STEPS.length}
          </span>
          {STEPS.map((one, index) => (
            <span key={one} class={index < number ? 'done' : ''} />
          ))}
        </p>
        <Heading key={step}>{WORDS[step].title}</Heading>
        <p class="lead">{WORDS[step].lead}</p>
        <form onSubmit={submit}>
          {step === 'workspace' && (
            <div class="field">
              <label for={id}>Name of the workspace</label>
              <input id={id} value={name} onInput={(event) => setName(event.currentTarget.value)} />
            </div>
          )}
          {step === 'template' && (
            <Choice
              legend="Board"
              value={template}
              onChange={setTemplate}
              options={(Object.keys(TEMPLATES) as Template[]).map((key) => {
                const { name: label, cards } = TEMPLATES[key]
                return { value: key, label, hint: cards.length === 0 ? 'No cards yet' : cards.join(', ') }
              })}
            />
          )}
          {step === 'rhythm' && (
            <Choice legend="Day" value={day} onChange={setDay} options={REVIEW_DAYS.map((one) => ({ value: one, label: one, hint: '' }))} />
          )}
          {problem !== undefined && <Notice text={problem} />}
          <div class="actions">
            <button class="primary" type="submit" disabled={busy}>
              {number === STEPS.length ? 'Open the workspace' : 'Continue'}
            </button>
            <button class="plain" type="button" onClick={skip} disabled={busy}>
              Skip
            </button>
          </div>
        </form>
      </div>
    </main>
  )
}

interface ChoiceProps<T extends string> {
  readonly legend: string
  readonly value: T
  readonly onChange: (value: T) => void
  readonly options: readonly { readonly value: T; readonly label: string; readonly hint: string }[]
}

function Choice<T extends string>({ legend, value, onChange, options }: ChoiceProps<T>): JSX.Element {
  return (
    <fieldset class="choice">
      <legend class="visually-hidden">{legend}</legend>
      {options.map((option) => (
        <label key={option.value} class="option">
          <input type="radio" name={legend} value={option.value} checked={option.value === value} onChange={() => onChange(option.value)} />
          <span>
            {option.label}
            {option.hint !== '' && <small>{option.hint}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
