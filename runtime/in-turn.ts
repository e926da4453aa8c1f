/** Work that must not overlap: each piece starts when the one before has ended, well or badly. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>

export function makeInTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work, work)
    // The queue goes on after a failure; whoever asked for that piece still gets it.
    last = mine.catch(() => {})
    return mine
  }
}
