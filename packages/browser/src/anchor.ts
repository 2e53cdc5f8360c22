/** The first element the selector finds that can be seen: rendered, and at least partly in view. */
export function visibleAnchor(selector: string): HTMLElement | SVGElement | undefined {
  return candidates(selector).find((element) => isRendered(element) && isInView(element))
}

/** Whether a tooltip may stay at the anchor. Scrolled out of view it may: it comes back with it. */
export function isAnchorStanding(anchor: Element, selector: string): boolean {
  return isRendered(anchor) && anchor.matches(selector)
}

export function isSelector(selector: string): boolean {
  try {
    document.createDocumentFragment().querySelector(selector)
    return true
  } catch {
    return false
  }
}

function candidates(selector: string): readonly (HTMLElement | SVGElement)[] {
  return [...document.querySelectorAll<HTMLElement | SVGElement>(selector)]
}

function isRendered(element: Element): boolean {
  const { width, height } = element.getBoundingClientRect()
  return width > 0 && height > 0 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true })
}

function isInView(element: Element): boolean {
  const { top, right, bottom, left } = element.getBoundingClientRect()
  return bottom > 0 && right > 0 && top < innerHeight && left < innerWidth
}
