/** The time, moving on: one shared tick for all who show "4 s ago", running only while somebody looks. */
import { useSyncExternalStore } from 'react'

const tickMs = 1000
const listeners = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    if (document.hidden) return
    now = Date.now()
    for (const tell of listeners) tell()
  }, tickMs)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}
const read = (): number => {
  // Between two stays on screen the tick slept, so a stale time is read afresh once.
  if (timer === undefined && Date.now() - now > tickMs) now = Date.now()
  return now
}

/** Milliseconds, at most a second old. */
export const useNow = (): number => useSyncExternalStore(subscribe, read, read)

const never = () => () => {}
const readMinute = (): number => Math.floor(Date.now() / 60_000) * 60_000
/** The minute it is whenever something else draws anew: enough to tell today from yesterday, and it wakes nobody. */
export const useMinute = (): number => useSyncExternalStore(never, readMinute, readMinute)
