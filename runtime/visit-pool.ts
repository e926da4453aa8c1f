/**
 * Open mailboxes for the steps of runs, beside the watchers' own: kept for some seconds so that a burst of runs shares
 * a login, few per connection, one piece of work at a time on each. What fails closes its session.
 */
import { fault, problemOf } from '#shared/errors.ts'
import type { ConnectionId } from '#shared/ids.ts'
import type { Clock } from './clock.ts'
import { makeInTurn, type InTurn } from './in-turn.ts'
import { actions } from './limits.ts'
import type { Account, MailboxAdapter, OpenMailbox } from './mail/mailbox.ts'

export interface VisitPool {
  /** Rejects with the fault of opening or of the work. */
  use<T>(connection: ConnectionId, folder: string, work: (mailbox: OpenMailbox, account: Account) => Promise<T>): Promise<T>
  /** The connection was changed: its next visit logs in anew, and a refused login is forgotten. */
  renew(connection: ConnectionId): void
  close(): Promise<void>
}

export interface VisitPoolParts {
  readonly adapter: MailboxAdapter
  readonly account: (connection: ConnectionId) => Promise<Account>
  readonly clock: Clock
}

interface Open { readonly mailbox: OpenMailbox; readonly account: Account }
/** A session's place: on one folder, with its work in turn. */
interface Seat {
  readonly turn: InTurn
  open: Open | null
  users: number
  usedMs: number
  /** Calls off its closing. */
  forget: () => void
}
interface Line { readonly seats: Map<string, Seat>; readonly waiting: (() => void)[]; restUntilMs: number; fault: unknown }

const nothing = (): void => {}

export function makeVisitPool({ adapter, account, clock }: VisitPoolParts): VisitPool {
  const lines = new Map<ConnectionId, Line>()
  const ended = new AbortController()

  async function use<T>(connection: ConnectionId, folder: string, work: (mailbox: OpenMailbox, account: Account) => Promise<T>): Promise<T> {
    const line = lines.get(connection) ?? { seats: new Map<string, Seat>(), waiting: [], restUntilMs: 0, fault: null }
    lines.set(connection, line)
    const seat = await takeSeat(line, folder)
    try {
      return await seat.turn(() => visit(line, seat, connection, folder, work))
    } finally {
      leaveSeat(line, seat)
    }
  }

  /** Folders beyond the sessions a connection may have wait until one of the others has nothing to do. */
  async function takeSeat(line: Line, folder: string): Promise<Seat> {
    for (;;) {
      if (ended.signal.aborted) throw fault('INTERNAL', { reason: 'the mailboxes have been closed' })
      const seat = line.seats.get(folder) ?? newSeat(line, folder)
      if (seat) {
        seat.users += 1
        seat.forget()
        seat.forget = nothing
        return seat
      }
      await new Promise<void>((resolve) => { line.waiting.push(resolve) })
    }
  }

  /** In the place of the one that was idle longest, where all are taken; null when all are at work. */
  function newSeat(line: Line, folder: string): Seat | null {
    if (line.seats.size >= actions.sessions) {
      const [longest] = [...line.seats].filter(([, seat]) => seat.users === 0).toSorted(([, one], [, other]) => one.usedMs - other.usedMs)
      if (!longest) return null
      line.seats.delete(longest[0])
      void drop(longest[1])
    }
    const seat: Seat = { turn: makeInTurn(), open: null, users: 0, usedMs: 0, forget: nothing }
    line.seats.set(folder, seat)
    return seat
  }

  function leaveSeat(line: Line, seat: Seat): void {
    seat.users -= 1
    seat.usedMs = clock.steadyMs()
    if (seat.users > 0) return
    seat.forget = clock.after(actions.keptMs, () => { void drop(seat) })
    line.waiting.shift()?.()
  }

  async function visit<T>(line: Line, seat: Seat, connection: ConnectionId, folder: string, work: (mailbox: OpenMailbox, account: Account) => Promise<T>): Promise<T> {
    const { mailbox, account: opened } = await ready(line, seat, connection, folder)
    try {
      return await work(mailbox, opened)
    } catch (error) {
      await drop(seat)
      throw error
    }
  }

  async function ready(line: Line, seat: Seat, connection: ConnectionId, folder: string): Promise<Open> {
    // A kept line may have died without a word; the question also brings the server's news.
    if (seat.open && !await seat.open.mailbox.refresh().then(() => true, () => false)) await drop(seat)
    if (seat.open) return seat.open
    if (clock.steadyMs() < line.restUntilMs) throw line.fault
    try {
      const opened = await account(connection)
      const mailbox = await adapter.open(opened, folder, AbortSignal.any([ended.signal, AbortSignal.timeout(actions.openMs)]))
      const open = { mailbox, account: opened }
      mailbox.onClose(() => { if (seat.open === open) seat.open = null })
      seat.open = open
      return open
    } catch (error) {
      const { code } = problemOf(error)
      // A folder that is missing is no fault of the connection.
      if (code !== 'MAIL_FOLDER_MISSING') {
        line.fault = error
        line.restUntilMs = clock.steadyMs() + (code === 'MAIL_LOGIN_REFUSED' ? actions.loginRestMs : actions.restMs)
      }
      throw error
    }
  }

  async function drop(seat: Seat): Promise<void> {
    seat.forget()
    seat.forget = nothing
    const { open } = seat
    seat.open = null
    await open?.mailbox.close().catch(nothing)
  }

  return {
    use,
    renew: (connection) => {
      const line = lines.get(connection)
      if (!line) return
      line.restUntilMs = 0
      // Work under way ends on the old account; its session is not used again.
      for (const seat of line.seats.values()) void seat.turn(() => drop(seat))
    },
    close: async () => {
      ended.abort()
      for (const { waiting } of lines.values()) for (const wake of waiting.splice(0)) wake()
      await Promise.all([...lines.values()].flatMap((line) => [...line.seats.values()]).map(drop))
    },
  }
}
