/**
 * How many mails left lately, counted in slots of the steady clock, so that in no stretch of a minute, an hour or a day
 * ever more leave than a limit allows. A mail counts until its whole slot lies that far back.
 */
import { type LimitPeriod, limitPeriods, type Limits } from '#shared/sending/pace.ts'

/** A mail comes free again a slot later than it could at most: a second, a minute, a quarter of an hour. */
const slots: Record<LimitPeriod, { readonly ms: number; readonly count: number }> = {
  minute: { ms: 1000, count: 60 }, hour: { ms: 60_000, count: 60 }, day: { ms: 15 * 60_000, count: 96 },
}

export interface SentCount {
  /** One mail more; negative: it was not taken after all. `agoMs`: how long ago it left. */
  add(mails: number, nowMs: number, agoMs?: number): void
  /** How many more may leave now. */
  room(limits: Limits, nowMs: number): number
  /** When the next one may, and which limit it waits for; null while there is room. */
  opens(limits: Limits, nowMs: number): { readonly inMs: number; readonly period: LimitPeriod; readonly limit: number } | null
}

export function makeSentCount(): SentCount {
  const windows = { minute: makeWindow(slots.minute), hour: makeWindow(slots.hour), day: makeWindow(slots.day) }
  return {
    add: (mails, nowMs, agoMs = 0) => { for (const period of limitPeriods) windows[period].add(mails, nowMs, agoMs) },
    room: (limits, nowMs) => {
      let room = Infinity
      for (const period of limitPeriods) {
        const limit = limits[period]
        if (limit !== null) room = Math.min(room, Math.max(0, limit - windows[period].sum(nowMs)))
      }
      return room
    },
    opens: (limits, nowMs) => {
      const waits = limitPeriods.flatMap((period) => {
        const limit = limits[period]
        const inMs = limit === null ? 0 : windows[period].belowIn(limit, nowMs)
        return limit === null || inMs === 0 ? [] : [{ inMs, period, limit }]
      })
      return waits.sort((one, other) => other.inMs - one.inMs)[0] ?? null
    },
  }
}

function makeWindow({ ms, count }: { readonly ms: number; readonly count: number }) {
  // One more than the stretch has: the slot that is running is not whole yet.
  const ring = new Int32Array(count + 1)
  let newest = -Infinity
  let total = 0
  const placeOf = (slot: number): number => ((slot % ring.length) + ring.length) % ring.length

  function advance(nowMs: number): void {
    const slot = Math.floor(nowMs / ms)
    if (slot - newest >= ring.length) {
      ring.fill(0)
      total = 0
    } else {
      for (let next = newest + 1; next <= slot; next += 1) {
        total -= ring[placeOf(next)] ?? 0
        ring[placeOf(next)] = 0
      }
    }
    newest = Math.max(newest, slot)
  }

  return {
    add: (mails: number, nowMs: number, agoMs: number): void => {
      advance(nowMs)
      const slot = Math.floor((nowMs - agoMs) / ms)
      if (slot <= newest - ring.length) return
      ring[placeOf(slot)] = (ring[placeOf(slot)] ?? 0) + mails
      total += mails
    },
    sum: (nowMs: number): number => {
      advance(nowMs)
      return total
    },
    /** Milliseconds until fewer than `limit` count. */
    belowIn: (limit: number, nowMs: number): number => {
      advance(nowMs)
      let left = total
      for (let slot = newest - ring.length + 1; left >= limit && slot <= newest; slot += 1) {
        left -= ring[placeOf(slot)] ?? 0
        if (left < limit) return Math.max(1, Math.ceil((slot + ring.length) * ms - nowMs))
      }
      return 0
    },
  }
}
