/** A clock that stands until it is told to go on. */
import type { Clock } from '#runtime/clock.ts'

export interface FakeClock extends Clock {
  /** Moves time on and calls what is due, in order; the wall clock goes along. */
  pass(ms: number): void
  /** Moves the wall clock alone, as a person or NTP does. */
  jump(ms: number): void
  /** Timers waiting. */
  waiting(): number
  /** Resolves once a timer due in exactly `ms` from now waits. */
  untilWaits(ms: number): Promise<void>
}

export function fakeClock(startAt = '2026-11-20T12:00:00.000Z'): FakeClock {
  let now = 0
  let jumped = 0
  const timers = new Map<symbol, { readonly at: number; readonly call: () => void }>()
  const watchers = new Set<() => void>()
  return {
    now: () => new Date(Date.parse(startAt) + now + jumped).toISOString(),
    steadyMs: () => now,
    after(ms, call) {
      const id = Symbol('timer')
      timers.set(id, { at: now + ms, call })
      for (const watcher of watchers) watcher()
      return () => { timers.delete(id) }
    },
    pass(ms) {
      const end = now + ms
      for (;;) {
        const [next] = [...timers].filter(([, timer]) => timer.at <= end).sort(([, a], [, b]) => a.at - b.at)
        if (next === undefined) break
        timers.delete(next[0])
        now = next[1].at
        next[1].call()
      }
      now = end
    },
    jump: (ms) => { jumped += ms },
    waiting: () => timers.size,
    untilWaits: (ms) => new Promise((resolve) => {
      const look = (): void => {
        if (![...timers.values()].some((timer) => timer.at === now + ms)) return
        watchers.delete(look)
        resolve()
      }
      watchers.add(look)
      look()
    }),
  }
}
