/** Calls back once, when at least half of the element is in view and the tab is in front. Returns the function that gives up. */
export function whenSeen(element: Element, seen: () => void): () => void {
  let isInView = false
  const observer = new IntersectionObserver(
    (entries) => {
      isInView = entries.at(-1)?.isIntersecting === true
      update()
    },
    { threshold: 0.5 },
  )

  function update(): void {
    if (!isInView || document.visibilityState !== 'visible') return
    giveUp()
    seen()
  }

  function giveUp(): void {
    observer.disconnect()
    document.removeEventListener('visibilitychange', update)
  }

  observer.observe(element)
  document.addEventListener('visibilitychange', update)
  return giveUp
}
