/**
 * What the engine has in hand, counted in runs and in bytes. Whoever brings new work waits here for room and then has
 * places kept until the work is taken, so that a full house slows the fetch down instead of filling the memory, and a
 * hundred mailboxes that waited do not all come in through the same gap.
 */
export interface Hand {
  take(bytes: number): void
  release(bytes: number): void
  hasRoom(): boolean
  /**
   * Resolves when there is room, with places for `runs` runs kept until the returned function is called; at once, with
   * no places, when called off. Those who wait come in by turns; rejects never.
   */
  room(runs: number, calledOff?: AbortSignal): Promise<() => void>
  /** Resolves when nothing is in hand any more. */
  empty(): Promise<void>
  count(): number
}

export function makeHand(limits: { readonly runs: number; readonly bytes: number }): Hand {
  let runs = 0
  let bytes = 0
  let kept = 0
  const waiting = new Set<() => void>()
  let forEmpty: (() => void)[] = []
  const hasRoom = () => runs + kept < limits.runs && bytes < limits.bytes

  function keep(places: number): () => void {
    let left = false
    kept += places
    return () => {
      if (left) return
      left = true
      kept -= places
      letIn()
    }
  }

  function letIn(): void {
    for (const enter of waiting) {
      if (!hasRoom()) return
      enter()
    }
  }

  return {
    take: (size) => {
      runs += 1
      bytes += size
    },
    release: (size) => {
      runs -= 1
      bytes -= size
      letIn()
      if (runs === 0 && forEmpty.length > 0) {
        const wake = forEmpty
        forEmpty = []
        for (const call of wake) call()
      }
    },
    hasRoom,
    room: (places, calledOff) => {
      if (calledOff?.aborted === true) return Promise.resolve(() => {})
      if (waiting.size === 0 && hasRoom()) return Promise.resolve(keep(places))
      return new Promise((resolve) => {
        const end = (leave: () => void): void => {
          waiting.delete(enter)
          calledOff?.removeEventListener('abort', giveUp)
          resolve(leave)
        }
        const enter = () => { end(keep(places)) }
        const giveUp = () => { end(() => {}) }
        waiting.add(enter)
        calledOff?.addEventListener('abort', giveUp, { once: true })
      })
    },
    empty: () => (runs === 0 ? Promise.resolve() : new Promise((resolve) => { forEmpty.push(resolve) })),
    count: () => runs,
  }
}
