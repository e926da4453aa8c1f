/** One timer for many wishes: it rings for the earliest of them. A ring too early finds nothing to do and is set anew; one too late would leave a mail lying. */
import type { Clock } from '../clock.ts'

/** setTimeout's own bound is 24.8 days; a day is soon enough to look again. */
const longestMs = 24 * 3600_000
/** Rings for times that have passed already still leave the loop to others. */
const shortestMs = 10
/** The ledger's moments are the wall clock's, which people and NTP put forward and back: seen within a minute. */
const wallMs = 60_000

export interface Alarm {
  readonly ringIn: (ms: number) => void
  /** A moment of the ledger (ISO); null wishes nothing. */
  readonly ringAt: (iso: string | null) => void
  readonly stop: () => void
}

export function makeAlarm(clock: Clock, ring: () => void): Alarm {
  const off = { atMs: Infinity, cancel: () => {} }
  let set = off
  let stopped = false

  function ringIn(ms: number): void {
    const inMs = Math.min(longestMs, Math.max(shortestMs, ms))
    const atMs = clock.steadyMs() + inMs
    if (stopped || atMs >= set.atMs) return
    set.cancel()
    set = {
      atMs,
      cancel: clock.after(inMs, () => {
        set = off
        ring()
      }),
    }
  }

  return {
    ringIn,
    ringAt: (iso) => { if (iso !== null) ringIn(Math.min(wallMs, Date.parse(iso) - Date.parse(clock.now()) + 1)) },
    stop: () => {
      stopped = true
      set.cancel()
    },
  }
}
