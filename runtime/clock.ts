/** Time as a dependency: the wall clock for what people see, a steady one for deadlines, and timers with an owner. */
export interface Clock {
  /** ISO time, UTC, milliseconds. */
  now(): string
  /** Milliseconds that never jump (deadlines, rhythm). */
  steadyMs(): number
  /** Calls once after `ms`; returns the way to call it off. Never keeps the process alive by itself. */
  after(ms: number, call: () => void): () => void
}

export const systemClock: Clock = {
  now: () => new Date().toISOString(),
  steadyMs: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms)
    timer.unref()
    return () => { clearTimeout(timer) }
  },
}
