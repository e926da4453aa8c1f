/**
 * One connection's line in the outbox: the mails that stand in it, and whether its server may be asked at all. It is
 * closed while the server is in trouble, and then lets a few mails through as probes until one of them gets an answer.
 */
import { type Problem, problemOf, retryOf } from '#shared/errors.ts'
import type { ConnectionId, FlowId } from '#shared/ids.ts'
import { type Limits, noLimits } from '#shared/sending/pace.ts'
import { reconnectDelayMs } from '../backoff.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { type FairQueue, makeFairQueue } from './fair-queue.ts'
import { addMs } from './retry.ts'
import { makeSentCount, type SentCount } from './sent-count.ts'

/** A login the server refused is not tried again for this long: most providers lock the account after 5 to 10 tries. */
const loginPauseMs = 15 * 60_000
/** In hand for a line whose last attempt failed, until one gets an answer: a server that hangs must not fill the hand that all lines share. */
const probeSends = 5

export interface Line {
  readonly connection: ConnectionId
  readonly queue: FairQueue
  /** What left over this connection lately, and how much may; unknown until its account is read. */
  readonly count: SentCount
  limits: Limits
  /** Flows with due rows in the ledger that nobody has in hand: a new mail stands behind those. */
  readonly behind: Set<FlowId>
  /** Rows being marked `sending`, for which a session is set aside. */
  marking: number
  /** Rows of this line in hand: in the queue, being marked, or on the wire. */
  held: number
  pumping: boolean
  /** Nothing is sent now. */
  isPaused(): boolean
  /** Its last attempt failed, and nothing has been heard since. */
  isFailing(): boolean
  /** How many more rows of this line may be in hand, for its server's sake. */
  room(): number
  /** Why it was closed. */
  problem(): Problem
  /** When it is tried again (ISO); null: its probes are under way, or nobody knows. */
  opensAt(): string | null
  /** How often it was opened anew by a change of the connection: what an attempt with the old account met closes nothing. */
  opened(): number
  /** The server gave an answer; whether that makes it well again. */
  answered(): boolean
  /** Closes the line for so many milliseconds; null when it is closed already: mails that were on the wire together meet the same trouble together, which counts once. */
  close(error: unknown): number | null
  reopen(): void
}

export interface LineDeps { readonly clock: Clock; readonly log: Log; readonly random: () => number }

export function makeLine(connection: ConnectionId, { clock, log, random }: LineDeps): Line {
  let failures = 0
  /** Steady time before which nothing is sent; 0 when the line is open. */
  let pausedUntilMs = 0
  let opened = 0
  let trouble: Problem = { code: 'INTERNAL', say: '', where: '' }
  const isPaused = (): boolean => pausedUntilMs > clock.steadyMs()

  const line: Line = {
    connection, queue: makeFairQueue(), count: makeSentCount(), limits: noLimits, behind: new Set(), marking: 0, held: 0, pumping: false,
    isPaused,
    isFailing: () => failures > 0,
    room: () => (isPaused() ? 0 : failures === 0 ? Infinity : Math.max(0, probeSends - line.held)),
    problem: () => trouble,
    opensAt: () => (isPaused() ? addMs(clock.now(), pausedUntilMs - clock.steadyMs()) : null),
    opened: () => opened,
    answered: () => {
      const wasFailing = failures > 0
      failures = 0
      return wasFailing
    },
    close: (error) => {
      if (isPaused()) return null
      const problem = problemOf(error)
      failures += 1
      const waitMs = retryOf(problem.code) === 'person' ? loginPauseMs : reconnectDelayMs(failures, random())
      log.warn('outbox.paused', { connection, code: problem.code, ms: waitMs })
      trouble = problem
      pausedUntilMs = clock.steadyMs() + waitMs
      return waitMs
    },
    reopen: () => {
      pausedUntilMs = 0
      failures = 0
      opened += 1
      line.limits = noLimits
    },
  }
  return line
}
