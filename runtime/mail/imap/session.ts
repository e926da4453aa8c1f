/** The life of one connection: one command at a time, each with a deadline, and one end that is told once with its cause. */
import type { ImapFlow } from 'imapflow'
import { Fault, fault } from '#shared/errors.ts'
import type { Clock } from '#runtime/clock.ts'
import { aliveBytes, imapFlood, imapLogoutMs, imapWire } from '#runtime/limits.ts'
import type { Account } from '../mailbox.ts'
import { imapFault } from './faults.ts'

export interface Session {
  readonly client: ImapFlow
  readonly account: Account
  /** Runs commands as one unbroken turn. `alive` starts the deadline again: for answers that come in many parts. */
  ask<T>(turn: (alive: () => void) => Promise<T>, folder?: string, patience?: Patience): Promise<T>
  /** What the server said when it last refused; '' when it said nothing. */
  refusal(): string
  onClose(listener: (fault: Fault | null) => void): void
  /** Breaks the connection off; what is under way rejects with this fault. */
  end(cause: Fault): void
  /** The signal ends it; returns the way to forget the signal. */
  endOn(signal: AbortSignal): () => void
  close(): Promise<void>
}

export interface Patience {
  /** A question whose answer costs a server nothing: silence is a dead line sooner. */
  readonly quick?: boolean
  /** Bytes asked for: while an answer up to this long gets on, it is waited for, however thin the line. */
  readonly bytes?: number
  /** Bytes after which an answer is none any more. */
  readonly most?: number
}

interface SessionParts { readonly client: ImapFlow; readonly account: Account; readonly clock: Clock; readonly connectMs: number; readonly commandMs: number; readonly refusal: () => string; readonly progress: () => void }

export function makeSession({ client, account, clock, connectMs, commandMs, refusal, progress }: SessionParts): Session {
  let cause: Fault | null = null
  let closing = false
  let closed = false
  let last: Promise<unknown> = Promise.resolve()
  const listeners: ((fault: Fault | null) => void)[] = []
  const reasonOfEnd = (): Fault => cause ?? fault('MAIL_CONNECTION_LOST', { host: account.host })

  // Before connect(): an 'error' without a listener would end the whole process.
  client.on('error', (error) => { cause ??= imapFault(error, account) })
  client.once('close', () => {
    closed = true
    for (const listener of listeners.splice(0)) listener(closing ? null : reasonOfEnd())
  })

  const end = (why: Fault): void => { cause ??= why; client.close() }

  // While such a flood is read, nobody else's mail is: it ends long before any deadline would end it.
  let told = 0
  client.on('exists', () => {
    told += 1
    if (told > imapFlood.news) end(fault('MAIL_PROTOCOL', { host: account.host, reason: 'it sent news without end' }))
  })

  async function inTime<T>(turn: (alive: () => void) => Promise<T>, folder: string, { quick = false, bytes = 0, most = Math.max(bytes, imapWire.response) }: Patience): Promise<T> {
    if (closed) throw reasonOfEnd()
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const ms = quick ? Math.min(connectMs, commandMs) : commandMs
    const received = (): number => client.stats().received
    const first = received()
    let heard = first
    told = 0
    const measure = (): void => {
      if (received() - first <= most) { callOffMeasure = clock.after(imapFlood.measureMs, measure); return }
      const tooMuch = fault('MAIL_PROTOCOL', { host: account.host, reason: 'it sent more than was asked for' }, folder)
      reject(tooMuch)
      end(tooMuch)
    }
    let callOffMeasure = clock.after(imapFlood.measureMs, measure)
    const expire = (): void => {
      const now = received()
      if (now - heard >= aliveBytes && now - first <= bytes) {
        heard = now
        alive()
        return
      }
      const late = fault('MAIL_TIMEOUT', { host: account.host, seconds: Math.round(ms / 1000) }, folder)
      reject(late)
      end(late)
    }
    let callOff = clock.after(ms, expire)
    const alive = (): void => { callOff(); callOff = clock.after(ms, expire); progress() }
    turn(alive).then(resolve, (error: unknown) => { reject(error instanceof Fault ? error : cause ?? imapFault(error, account, folder)) })
    try {
      return await promise
    } finally {
      callOff()
      callOffMeasure()
      told = 0
    }
  }

  return {
    client, account, refusal, end,
    ask: (turn, folder = '', patience = {}) => {
      const mine = last.then(() => inTime(turn, folder, patience))
      last = mine.catch(() => {})
      return mine
    },
    endOn: (signal) => {
      const stop = (): void => { end(fault('MAIL_CONNECTION_LOST', { host: account.host })) }
      if (signal.aborted) stop()
      signal.addEventListener('abort', stop, { once: true })
      return () => { signal.removeEventListener('abort', stop) }
    },
    onClose: (listener) => { if (closed) listener(closing ? null : reasonOfEnd()); else listeners.push(listener) },
    close: async () => {
      if (closed) return
      closing = true
      const callOff = clock.after(imapLogoutMs, () => { client.close() })
      await client.logout().catch(() => {})
      callOff()
      client.close()
    },
  }
}
