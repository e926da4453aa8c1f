/** Signs of life of one mailbox: a look, a chunk of one, or the start of another try. Silence is measured on the steady clock. */
import type { Clock } from '../clock.ts'
import { deafMs } from '../limits.ts'

export interface Pulse {
  readonly beat: () => void
  /** How long nothing was heard, once that is too long for a mailbox looked at this often; null before. */
  readonly deafForMs: (intervalMs: number) => number | null
}

export function makePulse(clock: Clock): Pulse {
  let aliveMs = clock.steadyMs()
  return {
    beat: () => { aliveMs = clock.steadyMs() },
    deafForMs: (intervalMs) => {
      const silentMs = clock.steadyMs() - aliveMs
      return silentMs < Math.max(3 * intervalMs, deafMs) ? null : silentMs
    },
  }
}
