/** Which steps come into sight by themselves: all of them while their cards can be read, else those around the chosen one, or the first. */
import type { Flow } from '#shared/flow.ts'
import { cardWidth, positionOf } from '../store/edits.ts'

/** A card's 12 px words are still read at this zoom; smaller, a drawing is a row of dots. */
const readable = 0.6

/** `width`: what the canvas has clear of what floats over it, in pixels of the screen. */
export function stepsInSight(flow: Flow, chosen: string | undefined, width: number): readonly { readonly id: string }[] {
  const placed = flow.nodes.map(({ id }) => ({ id: String(id), x: positionOf(flow, id).x })).toSorted((a, b) => a.x - b.x)
  const anchor = placed.find(({ id }) => id === chosen) ?? placed[0]
  if (anchor === undefined) return []
  let [left, right] = [anchor.x, anchor.x]
  return placed.toSorted((a, b) => Math.abs(a.x - anchor.x) - Math.abs(b.x - anchor.x)).filter(({ x }) => {
    const [from, to] = [Math.min(left, x), Math.max(right, x)]
    if (x !== anchor.x && (to - from + cardWidth) * readable > width) return false
    left = from
    right = to
    return true
  })
}
