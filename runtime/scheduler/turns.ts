/** Lets those who wait through a few at a time, in the order they came: at a start, and when a server comes back, its mailboxes do not all log in at once. */
import type { Clock } from '../clock.ts'

/** Resolves when it is the caller's turn; at once when called off. Rejects never. */
export type Turn = (calledOff: AbortSignal) => Promise<void>

export function makeTurns({ together, gapMs, clock }: { readonly together: number; readonly gapMs: number; readonly clock: Clock }): Turn {
  const waiting = new Set<() => void>()
  let left = together
  let counting = false

  const count = (): void => {
    if (counting) return
    counting = true
    clock.after(gapMs, () => {
      counting = false
      left = together
      for (const enter of waiting) {
        if (left === 0) break
        enter()
      }
    })
  }
  const go = (): void => {
    left -= 1
    count()
  }
  return (calledOff) => {
    if (calledOff.aborted) return Promise.resolve()
    if (waiting.size === 0 && left > 0) {
      go()
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      const end = (): void => {
        waiting.delete(enter)
        calledOff.removeEventListener('abort', end)
        resolve()
      }
      const enter = (): void => {
        go()
        end()
      }
      waiting.add(enter)
      calledOff.addEventListener('abort', end, { once: true })
    })
  }
}
