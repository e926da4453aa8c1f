/**
 * A mailbox that is visited: POP3 shows the mails of one moment and lets nobody else in meanwhile (RFC 1939 section 4), so
 * each look logs in anew, what follows at once shares its session, and then the session is left. Names stay, numbers
 * don't: whoever comes in reads the listing of that session. docs/decisions/pop3-sessions.md
 */
import { Fault, fault } from '#shared/errors.ts'
import { pop3LingerMs, pop3QuitMs } from '#runtime/limits.ts'
import type { Account } from '../mailbox.ts'
import { withToken } from '../sasl.ts'
import { connect, type Pop3Deps } from './connect.ts'
import type { Answer } from './faults.ts'
import { listMails, type Listing } from './listing.ts'
import type { Session } from './session.ts'

export interface Visit { readonly session: Session; readonly listing: Listing }

export interface Maildrop {
  /** One at a time, in a session whose listing is at most this old; a new one otherwise. */
  visit<T>(mostAgeMs: number, work: (visit: Visit) => Promise<T>): Promise<T>
  /** As `visit`, and leaves by a QUIT whose answer is told: the one moment at which deletions happen. */
  visitAndCommit<T>(mostAgeMs: number, work: (visit: Visit) => Promise<T>): Promise<{ readonly result: T; readonly goodbye: Answer }>
  /** What was listed last; null before the first. */
  listed(): Listing | null
  /** What is under way is broken off; resolves when the line is gone. */
  close(): Promise<void>
}

/** `progress`: as `MailboxAdapter.open` has it. */
export function makeMaildrop(account: Account, deps: Pop3Deps, progress = (): void => {}): Maildrop {
  const { clock } = deps
  const stopped = new AbortController()
  let now: (Visit & { readonly listedMs: number }) | null = null
  let listed: Listing | null = null
  let busy = false
  let callOff = (): void => {}
  let last: Promise<unknown> = Promise.resolve()

  const lost = (): Fault => fault('MAIL_CONNECTION_LOST', { host: account.host })

  async function enter(mostAgeMs: number): Promise<Visit> {
    callOff()
    if (stopped.signal.aborted) throw lost()
    if (now !== null && now.session.alive() && clock.steadyMs() - now.listedMs <= mostAgeMs) return now
    await leave()
    const session = await withToken(account, (ready) => connect(ready, deps, stopped.signal, progress))
    const forget = session.endOn(stopped.signal)
    // Two listings of a full mailbox are not held at once.
    listed = null
    try {
      listed = await listMails(session)
    } finally {
      forget()
    }
    now = { session, listing: listed, listedMs: clock.steadyMs() }
    return now
  }

  /** Nothing was marked for deletion, so the goodbye only frees the mailbox for others, and is not waited for long. */
  async function leave(): Promise<void> {
    const session = now?.session
    now = null
    if (session === undefined || !session.alive()) return
    const cancel = clock.after(pop3QuitMs, () => { session.end(lost()) })
    await session.quit().catch(() => {})
    cancel()
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(async () => {
      busy = true
      try {
        return await work()
      } finally {
        busy = false
        if (!stopped.signal.aborted) callOff = clock.after(pop3LingerMs, () => { last = last.then(leave) })
      }
    })
    last = mine.catch(() => {})
    return mine
  }

  return {
    visit: (mostAgeMs, work) => inTurn(async () => {
      const before = now
      const visit = await enter(mostAgeMs)
      try {
        return await work(visit)
      } catch (error) {
        // A session that waited may have been ended by its server meanwhile; a fresh one has no such excuse.
        const hadWaited = visit === before && error instanceof Fault && error.code === 'MAIL_CONNECTION_LOST'
        if (!hadWaited || stopped.signal.aborted) throw error
        return work(await enter(-1))
      }
    }),
    visitAndCommit: (mostAgeMs, work) => inTurn(async () => {
      const visit = await enter(mostAgeMs)
      const result = await work(visit)
      return { result, goodbye: await visit.session.quit() }
    }),
    listed: () => listed,
    close: async () => {
      callOff()
      stopped.abort(lost())
      if (busy) now?.session.end(lost())
      await last.then(leave)
    },
  }
}
