const FOCUSABLE =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex]:not([tabindex="-1"])'

/** Those the Tab key reaches inside, in their order, the element itself first. */
export function focusable(within: Element): readonly HTMLElement[] {
  const inside = [...within.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((element) => element.checkVisibility({ visibilityProperty: true }))
  return within.matches(FOCUSABLE) ? [within as HTMLElement, ...inside] : inside
}

/** The element that has the focus, also inside shadow roots. */
export function focused(): HTMLElement | undefined {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  return element instanceof HTMLElement && element !== document.body ? element : undefined
}
