/** How long to wait before trying a server again: doubled from a second up to five minutes (or less, where told), with jitter. */
import { backoff } from './limits.ts'

/**
 * @param failures in a row, at least 1
 * @param random in [0, 1); a quarter either way, so that a hundred mailboxes of one server do not come back at once
 */
export function reconnectDelayMs(failures: number, random: number, mostMs: number = backoff.mostMs): number {
  const base = Math.min(mostMs, backoff.firstMs * 2 ** Math.min(20, Math.max(0, failures - 1)))
  return Math.round(base * (0.75 + random / 2))
}
