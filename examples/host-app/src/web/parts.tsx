import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Account } from '../server/model.ts'
import type { Tracker } from './analytics.ts'

/** What every view of a signed-in user is given. */
export interface ViewProps {
  readonly account: Account
  readonly tracker: Tracker
  readonly onChange: (account: Account) => void
}

export function Notice({ text }: { readonly text: string }): JSX.Element {
  return (
    <p class="notice" role="alert">
      {text}
    </p>
  )
}

export function Brand(): JSX.Element {
  return (
    <span class="brand">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect width="32" height="32" rx="9" class="brand-mark" />
        <path d="M10 8.5h8.5L23 13v10.5H10z M13.5 15h6 M13.5 19h4" class="brand-lines" />
      </svg>
      Fieldnotes
    </span>
  )
}

/** A heading that takes the focus when its view opens, so that screen readers and keys begin there. */
export function Heading({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  )
}

/** Runs what a person asked for, one at a time, and keeps the sentence to show when it fails. */
export function useAction(): { readonly busy: boolean; readonly problem: string | undefined; run(action: () => Promise<void>): void } {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  return {
    busy,
    problem,
    run(action) {
      if (busy) return
      setBusy(true)
      setProblem(undefined)
      action()
        .catch((error: Error) => setProblem(error.message))
        .finally(() => setBusy(false))
    },
  }
}

function Checkbox(props: {
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  readonly label: string
  readonly hint: string
}): JSX.Element {
  return (
    <label class="check">
      <input type="checkbox" checked={props.checked} onChange={(event) => props.onChange(event.currentTarget.checked)} />
      <span>
        {props.label}
        <small>{props.hint}</small>
      </span>
    </label>
  )
}

/** What the person may agree to; nothing is chosen for them. */
export function ConsentChoice({
  value,
  onChange,
}: {
  readonly value: Account['consent']
  readonly onChange: (value: Account['consent']) => void
}): JSX.Element {
  return (
    <fieldset class="consent">
      <legend>Your choice, both optional</legend>
      <Checkbox
        checked={value.personalization}
        onChange={(personalization) => onChange({ ...value, personalization })}
        label="Adapt Fieldnotes to how I use it"
        hint="Tips inside the product, when they fit what you do."
      />
      <Checkbox
        checked={value.marketing}
        onChange={(marketing) => onChange({ ...value, marketing })}
        label="Send me emails"
        hint="A short note when you have been away for a day."
      />
    </fieldset>
  )
}
