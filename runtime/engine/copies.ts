/**
 * Puts copies of sent mail into their mailbox, after and apart from the sending: a copy that fails never fails a run and
 * never sends a mail again. One at a time; a mailbox that can't be reached rests while the others go on.
 */
import { problemOf, retryOf } from '#shared/errors.ts'
import type { ConnectionId, SendId } from '#shared/ids.ts'
import type { Clock } from '../clock.ts'
import { sentCopies } from '../limits.ts'
import type { Log } from '../log.ts'
import type { Raw } from '../raw.ts'
import type { CopyRoom, DueCopy } from '../store/after-sending.ts'
import { makeAlarm } from './alarm.ts'
import type { Insist } from './insist.ts'
import { addMs } from './retry.ts'

/** `look`: nobody knows whether it lies there already, so that is found out first. Answers the folder. */
export type PutCopy = (copy: { readonly connection: ConnectionId; readonly folder: string; readonly messageId: string; readonly raw: Raw; readonly look: boolean }) => Promise<string>

export interface CopiesDeps {
  readonly store: CopyRoom
  readonly put: PutCopy
  readonly insist: Insist
  readonly clock: Clock
  readonly log: Log
}
export interface Copies {
  /** Looks for due copies; `fresh` was written down just now, so that no try of it can have been forgotten. */
  wake(fresh?: SendId): void
  /** The connection was changed: its mailbox is tried at once. */
  reopen(connection: ConnectionId): void
  stop(): Promise<void>
}

export function makeCopies({ store, put, insist, clock, log }: CopiesDeps): Copies {
  /** Copies that this process saw come into being and has not tried: only these are put without a look. */
  const untried = new Set<SendId>()
  /** Until which steady time a mailbox is left alone. */
  const resting = new Map<ConnectionId, number>()
  let working: Promise<void> | null = null
  let again = false
  let stopped = false
  const alarm = makeAlarm(clock, () => { wake() })

  function wake(fresh?: SendId): void {
    if (fresh !== undefined && untried.size < sentCopies.untried) untried.add(fresh)
    if (stopped) return
    if (working) {
      again = true
      return
    }
    working = work()
      .catch((error: unknown) => { log.error('copies.broke', { reason: problemOf(error).say }) })
      .finally(() => {
        working = null
        if (!again) return
        again = false
        wake()
      })
  }

  async function work(): Promise<void> {
    for (;;) {
      if (stopped) return
      const now = clock.steadyMs()
      for (const [connection, untilMs] of resting) if (untilMs <= now) resting.delete(connection)
      const lookedAt = clock.now()
      const copy = await store.dueCopy(lookedAt, new Set(resting.keys()))
      if (copy === null) return waitForNext(lookedAt)
      await keep(copy)
    }
  }

  async function keep(copy: DueCopy): Promise<void> {
    const { send, connection, folder, messageId, raw, tries, since } = copy
    const record = (state: 'waiting' | 'done' | 'failed', say: string, dueAt: string) => insist.write(() => store.recordCopy({ send, state, say, dueAt }))
    // Its bytes were dropped after the time they are kept for.
    if (raw === null) return record('failed', 'The bytes of the mail are no longer kept.', clock.now())
    const look = !untried.delete(send)
    try {
      const where = await put({ connection, folder, messageId, raw, look })
      log.debug('copy.kept', { send, connection })
      await record('done', where, clock.now())
    } catch (error) {
      if (stopped) return
      const { code, say } = problemOf(error)
      const now = clock.now()
      const isOver = retryOf(code) === 'never' || Date.parse(now) - Date.parse(since) >= sentCopies.giveUpMs
      const waitMs = sentCopies.waitsMs[Math.min(tries, sentCopies.waitsMs.length - 1)] ?? sentCopies.giveUpMs
      log.warn('copy.failed', { send, connection, code, ms: isOver ? 0 : waitMs })
      // What is refused is this one mail; anything else is the mailbox.
      if (!isOver && code !== 'MAIL_ACTION_REFUSED') resting.set(connection, clock.steadyMs() + waitMs)
      await record(isOver ? 'failed' : 'waiting', say, isOver ? now : addMs(now, waitMs))
    }
  }

  /** Asked for what is due after the very moment that was looked at: a copy that has become due since is not passed over. */
  async function waitForNext(lookedAt: string): Promise<void> {
    alarm.ringAt(await store.nextCopyAt(lookedAt))
    for (const untilMs of resting.values()) alarm.ringIn(untilMs - clock.steadyMs())
  }

  return {
    wake,
    reopen: (connection) => { if (resting.delete(connection)) wake() },
    stop: async () => {
      stopped = true
      alarm.stop()
      await working
    },
  }
}
