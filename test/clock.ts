/** A clock that the test moves: no time passes by itself, timers fire in their order when it is moved past them. */
import type { Clock } from '#runtime/clock.ts'

export interface FakeClock extends Clock {
  /** Moves time on, firing what falls due; the wall clock goes along. */
  pass(ms: number): void
  /** Moves the wall clock alone, as a person or NTP does. */
  jump(ms: number): void
  /** Timers not yet fired or called off. */
  pending(): number
}

export function fakeClock(start = '2026-11-20T12:00:00.000Z'): FakeClock {
  let steady = 0
  let wall = Date.parse(start)
  let timers: { readonly due: number; readonly call: () => void }[] = []
  return {
    now: () => new Date(wall).toISOString(),
    steadyMs: () => steady,
    after: (ms, call) => {
      const timer = { due: steady + ms, call }
      timers.push(timer)
      return () => { timers = timers.filter((other) => other !== timer) }
    },
    pass: (ms) => {
      const end = steady + ms
      for (;;) {
        const next = timers.filter((timer) => timer.due <= end).sort((one, other) => one.due - other.due)[0]
        if (!next) break
        timers = timers.filter((timer) => timer !== next)
        wall += next.due - steady
        steady = next.due
        next.call()
      }
      wall += end - steady
      steady = end
    },
    jump: (ms) => { wall += ms },
    pending: () => timers.length,
  }
}
