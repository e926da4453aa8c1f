/** A token bucket for each guest: so many tries at once, then one each while; bounded in guests. */
import { fault } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import { api } from '../limits.ts'

export interface Buckets {
  /** Throws API_TOO_MANY when this guest has no try left; takes none. */
  demand(guest: string): void
  /** Uses one up. */
  take(guest: string): void
}

export function makeBuckets(rule: { readonly burst: number; readonly everyMs: number }, clock: Clock): Buckets {
  // `full` is the moment at which the guest's bucket is full again; each try moves it on by one interval.
  const full = new Map<string, number>()
  const debt = (guest: string): number => Math.max(0, (full.get(guest) ?? 0) - clock.steadyMs())
  return {
    demand: (guest) => {
      const over = debt(guest) - (rule.burst - 1) * rule.everyMs
      if (over > 0) throw fault('API_TOO_MANY', { seconds: Math.ceil(over / 1000) })
    },
    take: (guest) => {
      const until = clock.steadyMs() + debt(guest) + rule.everyMs
      full.delete(guest)
      full.set(guest, until)
      // The guest that was quiet longest is forgotten first.
      if (full.size > api.bucketsKept) full.delete(full.keys().next().value ?? '')
    },
  }
}
