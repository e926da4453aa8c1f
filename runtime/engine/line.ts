/**
 * One connection's line in the outbox: the mails that stand in it, and whether its server may be asked at all. It is
 * closed while the server is in trouble, and then lets a few mails through as probes until one of them gets an answer.
 */
import type { SenderStatus } from '#shared/connection.ts'
import { type Problem, problemOf } from '#shared/errors.ts'
import type { ConnectionId, FlowId } from '#shared/ids.ts'
import { type Limits, noLimits } from '#shared/sending/pace.ts'
import type { Clock } from '../clock.ts'
import { troublesToPause } from '../limits.ts'
import type { Log } from '../log.ts'
import { makePatience } from '../patience.ts'
import { type FairQueue, makeFairQueue } from './fair-queue.ts'
import { limitWait } from './flow-pace.ts'
import { addMs } from './retry.ts'
import { makeSentCount, type SentCount } from './sent-count.ts'

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
  /** A mail has its outcome; `trouble`: what the server did instead of answering as it should, null when it did. Returns whether that makes it well again, or is once too often. */
  answered(event: { readonly at: string; readonly say: string }, trouble: string | null): 'well' | 'again' | 'trouble'
  /** Closes the line for so many milliseconds, Infinity until a person acts; null when it is closed already: mails that were on the wire together meet the same trouble together, which counts once. */
  close(error: unknown): number | null
  status(): Omit<SenderStatus, 'connection'>
  reopen(): void
}

export interface LineDeps {
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  /** Its state is another one. */
  readonly onLine: (connection: ConnectionId) => void
}

export function makeLine(connection: ConnectionId, { clock, log, random, onLine }: LineDeps): Line {
  const patience = makePatience(random, 'Try now')
  let failures = 0
  let troubles = 0
  let needsPerson = false
  /** Steady time before which nothing is sent; 0 when the line is open. */
  let pausedUntilMs = 0
  let opened = 0
  let trouble: Problem = { code: 'INTERNAL', say: '', where: '' }
  let since: string | null = null
  let lastAnswer: SenderStatus['lastAnswer'] = null
  const isPaused = (): boolean => pausedUntilMs > clock.steadyMs()
  const opensAt = (): string | null => (isPaused() && Number.isFinite(pausedUntilMs) ? addMs(clock.now(), pausedUntilMs - clock.steadyMs()) : null)
  const renew = (): void => {
    patience.renew()
    failures = troubles = pausedUntilMs = 0
    needsPerson = false
    since = clock.now()
    onLine(connection)
  }

  const line: Line = {
    connection, queue: makeFairQueue(), count: makeSentCount(), limits: noLimits, behind: new Set(), marking: 0, held: 0, pumping: false,
    isPaused,
    isFailing: () => failures > 0,
    room: () => (isPaused() ? 0 : failures === 0 ? Infinity : Math.max(0, probeSends - line.held)),
    problem: () => trouble,
    opensAt,
    opened: () => opened,
    answered: ({ at, say }, failed) => {
      lastAnswer = { at, say }
      if (failed !== null) {
        troubles += 1
        // A probe that fares no better closes the line at once.
        return troubles >= troublesToPause || failures > 0 ? 'trouble' : 'well'
      }
      troubles = 0
      if (failures === 0) return 'well'
      renew()
      return 'again'
    },
    close: (error) => {
      if (isPaused()) return null
      const problem = problemOf(error)
      const { waitMs, needsPerson: person, say } = patience.after(problem, 0)
      if (failures === 0 || person !== needsPerson || problem.code !== trouble.code) since = clock.now()
      failures += 1
      needsPerson = person
      log.warn('outbox.paused', { connection, code: problem.code, ms: Number.isFinite(waitMs) ? waitMs : 'until somebody acts' })
      trouble = { ...problem, say }
      pausedUntilMs = clock.steadyMs() + waitMs
      onLine(connection)
      return waitMs
    },
    status: () => {
      const wait = failures > 0 ? null : limitWait(line.count, line.limits, 'connection', clock)
      if (wait !== null) return { state: 'limited', say: wait.problem.say, since: null, nextTryAt: wait.at, lastAnswer }
      return { state: failures === 0 ? 'open' : needsPerson ? 'needs-attention' : 'paused', say: failures === 0 ? '' : trouble.say, since, nextTryAt: opensAt(), lastAnswer }
    },
    reopen: () => {
      renew()
      opened += 1
      line.limits = noLimits
    },
  }
  return line
}
