/** The known word that was most likely meant, as ` Did you mean 'x'?`; empty when none is near. For messages only, not for hot paths. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const meant = nearest(word, known)
  return meant === undefined ? '' : ` Did you mean '${meant}'?`
}

/** The nearest known word, if at most a third of it would have to be retyped. */
function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const far = distance(plain(word), plain(candidate))
    if (far < least && far < candidate.length) {
      best = candidate
      least = far
    }
  }
  return best
}

/** Case and separators are the commonest mistakes: `Signed Up`, `signed-up` and `signedUp` are all `signed_up`. */
function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[\s_.-]+/g, '')
}

/** Letters to insert, remove or replace to make one word of the other. */
function distance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (previous[column - 1] as number) + (from[row - 1] === to[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] as number) + 1, (current[column - 1] as number) + 1))
    }
    previous = current
  }
  return previous[to.length] as number
}
