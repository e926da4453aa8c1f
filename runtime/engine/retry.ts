/** When to try again: Postfix's rhythm by default, doubled up to a most, with jitter so that a queue does not come back as one wave. */
import type { Retry } from '#shared/nodes/send-email.ts'

/** A tenth either way. */
const jitter = 0.1

/**
 * Milliseconds until the next attempt.
 * @param attempts tries made so far, at least 1
 * @param random in [0, 1)
 */
export function retryDelayMs(retry: Retry, attempts: number, random: number): number {
  const seconds = Math.min(retry.maxSeconds, retry.firstSeconds * retry.factor ** Math.max(0, attempts - 1))
  return Math.round(seconds * 1000 * (1 - jitter + 2 * jitter * random))
}

export const addMs = (iso: string, ms: number): string => new Date(Date.parse(iso) + ms).toISOString()
