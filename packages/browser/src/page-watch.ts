/** Tells, at most once a frame, that the page has changed in a way that can make an anchor appear or vanish. */
export interface PageWatch {
  set(isNeeded: boolean): void
}

const EVENTS = ['scroll', 'resize', 'transitionend', 'animationend', 'toggle', 'close', 'load'] as const

export function createPageWatch(onChange: () => void): PageWatch {
  let isWatching = false
  let isDue = false
  const observer = new MutationObserver(soon)

  function soon(): void {
    if (isDue) return
    isDue = true
    requestAnimationFrame(() => {
      isDue = false
      if (isWatching) onChange()
    })
  }

  return {
    set(isNeeded) {
      if (isNeeded === isWatching) return
      isWatching = isNeeded
      if (isNeeded) {
        observer.observe(document.documentElement, { subtree: true, childList: true, attributes: true })
        for (const event of EVENTS) window.addEventListener(event, soon, { capture: true, passive: true })
      } else {
        observer.disconnect()
        for (const event of EVENTS) window.removeEventListener(event, soon, { capture: true })
      }
    },
  }
}
