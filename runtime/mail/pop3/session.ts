/** The life of one POP3 connection: one turn at a time, a deadline on every answer, and one end with its cause. */
import type { Socket } from 'node:net'
import { Fault, fault } from '#shared/errors.ts'
import type { Clock } from '#runtime/clock.ts'
import type { Account } from '../mailbox.ts'
import { networkFault } from '../network-faults.ts'
import { readAnswer, type Answer } from './faults.ts'
import type { Offers } from './offers.ts'
import { makeWire, type Wire } from './wire.ts'

export interface Session {
  readonly account: Account
  /** The server's first words, with the stamp that APOP reckons with. */
  greeting: string
  /** What the server offers; changes with TLS and with the login. */
  offers: Offers
  /** The line as it is now: STLS makes a new one. */
  wire(): Wire
  /** Goes on over this socket. */
  use(socket: Socket): void
  /** Runs commands as one unbroken turn; after a failure that is not the server's plain refusal the line is gone. */
  ask<T>(turn: () => Promise<T>): Promise<T>
  /** One command, its first line. For use inside a turn. */
  command(line: string): Promise<Answer>
  /** The first line of the next answer, for commands that were sent together. */
  answer(): Promise<Answer>
  alive(): boolean
  /** Tells that a mail gets on. */
  progress(): void
  /** Breaks the line off; what is under way rejects with this fault. */
  end(cause: Fault): void
  /** The signal ends it; returns the way to forget the signal. */
  endOn(signal: AbortSignal): () => void
  /** Says QUIT and hears the answer, which commits deletions (RFC 1939 section 6); then the line is gone. */
  quit(): Promise<Answer>
}

/** `progress`: as `MailboxAdapter.open` has it. */
export function makeSession(account: Account, clock: Clock, commandMs: number, progress: () => void): Session {
  let wire: Wire | null = null
  let cause: Fault | null = null
  let last: Promise<unknown> = Promise.resolve()
  let callOff = (): void => {}
  let inTurn = false

  const lost = (): Fault => cause ?? fault('MAIL_CONNECTION_LOST', { host: account.host })
  const end = (why: Fault): void => {
    cause ??= why
    wire?.socket.destroy()
  }
  const late = (): void => { end(fault('MAIL_TIMEOUT', { host: account.host, seconds: Math.round(commandMs / 1000) })) }
  const heard = (): void => {
    callOff()
    if (inTurn) callOff = clock.after(commandMs, late)
  }
  const line = (): Wire => {
    if (wire === null || cause !== null) throw lost()
    return wire
  }

  async function inTime<T>(turn: () => Promise<T>): Promise<T> {
    if (cause !== null) throw cause
    inTurn = true
    heard()
    try {
      return await turn()
    } catch (error) {
      // Where in the conversation we are is not known any more, so nothing more may be said.
      end(error instanceof Fault ? error : networkFault(error, account))
      throw lost()
    } finally {
      inTurn = false
      callOff()
    }
  }
  const answer = async (): Promise<Answer> => readAnswer(await line().line(), account)
  const command = (text: string): Promise<Answer> => { line().send([text]); return answer() }
  const session: Session = {
    account, command, answer, end, progress, greeting: '',
    offers: { known: false, names: new Set(), sasl: new Set(), loginDelay: 0 },
    wire: line,
    use: (socket) => { wire = makeWire(socket, account, heard) },
    ask: (turn) => {
      const mine = last.then(() => inTime(turn))
      last = mine.catch(() => {})
      return mine
    },
    alive: () => cause === null && wire !== null && !wire.socket.destroyed && !wire.socket.readableEnded,
    endOn: (signal) => {
      const stop = (): void => { end(signal.reason instanceof Fault ? signal.reason : fault('MAIL_CONNECTION_LOST', { host: account.host })) }
      if (signal.aborted) stop()
      signal.addEventListener('abort', stop, { once: true })
      return () => { signal.removeEventListener('abort', stop) }
    },
    quit: () => session.ask(async () => {
      const goodbye = await command('QUIT')
      end(fault('MAIL_CONNECTION_LOST', { host: account.host }))
      return goodbye
    }),
  }
  return session
}
