/**
 * What the engine has in hand, counted in runs and in bytes. Whoever brings new work waits here for room, so that a
 * full house slows the fetch down instead of filling the memory.
 */
export interface Hand {
  take(bytes: number): void
  release(bytes: number): void
  hasRoom(): boolean
  /** Resolves when there is room again, at once when there is; rejects never. */
  room(): Promise<void>
  /** Resolves when nothing is in hand any more. */
  empty(): Promise<void>
  count(): number
}

export function makeHand(limits: { readonly runs: number; readonly bytes: number }): Hand {
  let runs = 0
  let bytes = 0
  let waiting: (() => void)[] = []
  let forEmpty: (() => void)[] = []
  const hasRoom = () => runs < limits.runs && bytes < limits.bytes
  return {
    take: (size) => {
      runs += 1
      bytes += size
    },
    release: (size) => {
      runs -= 1
      bytes -= size
      if (hasRoom() && waiting.length > 0) {
        const wake = waiting
        waiting = []
        for (const call of wake) call()
      }
      if (runs === 0 && forEmpty.length > 0) {
        const wake = forEmpty
        forEmpty = []
        for (const call of wake) call()
      }
    },
    hasRoom,
    room: () => (hasRoom() ? Promise.resolve() : new Promise((resolve) => { waiting.push(resolve) })),
    empty: () => (runs === 0 ? Promise.resolve() : new Promise((resolve) => { forEmpty.push(resolve) })),
    count: () => runs,
  }
}
