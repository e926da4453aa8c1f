/** The known name most like a mistyped one, for "Did you mean …?". */

/** null when nothing is near. Names are short and few, so the plain distance table serves. */
export function findNearest(typed: string, known: readonly string[]): string | null {
  const wanted = typed.slice(0, 200)
  // A third of the letters wrong is another word, not a slip.
  const most = Math.max(1, Math.floor(wanted.length / 3))
  let best: { name: string; distance: number } | null = null
  for (const name of known) {
    if (Math.abs(name.length - wanted.length) > most) continue
    const distance = countEdits(wanted.toLowerCase(), name.toLowerCase())
    if (distance <= most && (best === null || distance < best.distance)) best = { name, distance }
  }
  return best?.name ?? null
}

/** Levenshtein's distance, one row of the table at a time. */
function countEdits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap))
    }
    row = next
  }
  return row[b.length] ?? 0
}
