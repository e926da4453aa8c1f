/**
 * Writes that must not be forgotten: what happened outside, an SMTP answer above all, is told to the ledger until it
 * takes it. A full disk would else leave a mail that was sent as "being sent", and the next start would send it again.
 */
import { problemOf } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import { insistMs } from '../limits.ts'
import type { Log } from '../log.ts'

export interface Insist {
  /** Calls `write` at once and again while the disk is full; rejects with any other fault, and after the stop. */
  write<T>(write: () => Promise<T>): Promise<T>
  /** What waits is tried once more and then left to the next start's recovery. */
  stop(): void
}

export function makeInsist({ clock, log }: { readonly clock: Clock; readonly log: Log }): Insist {
  const waiting = new Set<() => void>()
  let stopped = false

  const pause = (): Promise<void> => new Promise((resolve) => {
    const end = (): void => {
      cancel()
      waiting.delete(end)
      resolve()
    }
    const cancel = clock.after(insistMs, end)
    waiting.add(end)
  })

  return {
    async write(write) {
      for (;;) {
        try {
          return await write()
        } catch (error) {
          if (stopped || problemOf(error).code !== 'DISK_FULL') throw error
          log.debug('ledger.write-again', { ms: insistMs })
          await pause()
        }
      }
    },
    stop() {
      stopped = true
      for (const end of waiting) end()
    },
  }
}
