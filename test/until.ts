/** Waits for something to become true, as often as it needs; the test's own timeout is the only limit. */
import { setTimeout as pause } from 'node:timers/promises'

/** Between two looks: short beside anything a server does, long enough to leave it the processor. */
const lookMs = 20

export async function until<T>(look: () => T | Promise<T>, isThere: (value: T) => boolean = Boolean): Promise<T> {
  for (;;) {
    const value = await look()
    if (isThere(value)) return value
    await pause(lookMs)
  }
}

/** The value once it has been the same for this many looks in a row: for what must not go on by itself. */
export async function untilItRests<T>(look: () => Promise<T>, looks: number): Promise<T> {
  let last = await look()
  for (let same = 0; same < looks;) {
    await pause(lookMs)
    const now = await look()
    same = now === last ? same + 1 : 0
    last = now
  }
  return last
}
