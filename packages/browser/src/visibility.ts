/** A tab that is only glanced away from keeps its stream. */
const GRACE = 10_000

/**
 * Calls `begin` while the tab can be seen and `end` some seconds after it cannot: a browser has few connections for one
 * host, and tabs in the background must not use them up. Returns the function that ends it for good.
 */
export function whileVisible(begin: () => void, end: () => void): () => void {
  let isRunning = false
  let timer: ReturnType<typeof setTimeout> | undefined

  function stop(): void {
    if (isRunning) end()
    isRunning = false
  }

  function update(): void {
    clearTimeout(timer)
    if (document.visibilityState === 'hidden') timer = setTimeout(stop, GRACE)
    else if (!isRunning) {
      isRunning = true
      begin()
    }
  }

  document.addEventListener('visibilitychange', update)
  // A page that waits in the back/forward cache may not hold a connection.
  window.addEventListener('pagehide', stop)
  window.addEventListener('pageshow', update)
  update()
  return () => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', update)
    window.removeEventListener('pagehide', stop)
    window.removeEventListener('pageshow', update)
    stop()
  }
}
