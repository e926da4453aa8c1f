/**
 * The line to a POP3 server: commands out, answers in, and never more read than somebody waits for, so that a slow
 * taker slows the server down. Lines and listings are bounded; whatever ends the line ends the answer waited for.
 */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { fault, type Fault } from '#shared/errors.ts'
import { aliveBytes, pop3Wire } from '#runtime/limits.ts'
import type { Account } from '../mailbox.ts'
import { networkFault } from '../network-faults.ts'
import { makeUnstuffer } from './framing.ts'

export interface Wire {
  readonly socket: Socket
  readonly secure: boolean
  /** Commands that go out together. Rejects what would be more than one line to the server. */
  send(commands: readonly string[]): void
  /** The next line without its end, as UTF-8. */
  line(): Promise<string>
  /** The lines of a multi-line answer, whose first line was read; more bytes than these are no answer. */
  lines(mostBytes: number, each: (line: string) => void): Promise<void>
  /** The bytes of a multi-line answer, whose first line was read; the next ones are read once `keep` is through. */
  bytes(keep: (piece: Buffer) => Promise<void> | void): Promise<void>
  /** Whether the server said anything that nobody asked for. */
  hasMore(): boolean
  /** Gives the socket away, for TLS over it. */
  release(): Socket
}

const nothing = Buffer.alloc(0)

/** `alive` is called for each whole line and each `aliveBytes`: what a server that dawdles does not get. */
export function makeWire(socket: Socket, account: Account, alive: () => void): Wire {
  let held: Buffer = nothing
  let ended: Fault | null = null
  let wake = (): void => {}
  const onReadable = (): void => { wake() }
  const onEnd = (): void => { ended ??= fault('MAIL_CONNECTION_LOST', { host: account.host }); wake() }
  const onError = (error: Error): void => { ended ??= networkFault(error, account); wake() }
  socket.on('readable', onReadable).on('end', onEnd).on('close', onEnd).on('error', onError)

  const tooLong = (what: string): Fault => fault('MAIL_PROTOCOL', { host: account.host, reason: `it sent ${what} without end` })

  async function chunk(): Promise<Buffer> {
    if (held.length > 0) {
      const taken = held
      held = nothing
      return taken
    }
    for (;;) {
      // Without an encoding a socket gives Buffers.
      const read = socket.read() as Buffer | null
      if (read !== null) return read
      if (ended !== null) throw ended
      await new Promise<void>((resolve) => { wake = resolve })
    }
  }

  async function line(): Promise<string> {
    const parts: Buffer[] = []
    let size = 0
    for (;;) {
      const bytes = await chunk()
      const end = bytes.indexOf(10)
      const part = end < 0 ? bytes : bytes.subarray(0, end)
      size += part.length
      if (size > pop3Wire.line) throw tooLong('a line')
      parts.push(part)
      if (end < 0) continue
      held = bytes.subarray(end + 1)
      alive()
      return Buffer.concat(parts).toString('utf8').replace(/\r$/, '')
    }
  }

  async function bytes(keep: (piece: Buffer) => Promise<void> | void): Promise<void> {
    const unstuffer = makeUnstuffer()
    let since = 0
    for (;;) {
      const read = await chunk()
      const pieces: Buffer[] = []
      const end = unstuffer.take(read, (piece) => { pieces.push(piece) })
      for (const piece of pieces) await keep(piece)
      since += read.length
      if (since >= aliveBytes) { since = 0; alive() }
      if (end < 0) continue
      held = read.subarray(end)
      alive()
      return
    }
  }

  async function lines(mostBytes: number, each: (line: string) => void): Promise<void> {
    let open: Buffer = nothing
    let size = 0
    await bytes((piece) => {
      size += piece.length
      const all = open.length === 0 ? piece : Buffer.concat([open, piece])
      const end = all.lastIndexOf(10)
      open = all.subarray(end + 1)
      if (size > mostBytes) throw tooLong('a list')
      if (open.length > pop3Wire.line) throw tooLong('a line')
      if (end < 0) return
      for (const one of all.toString('latin1', 0, end).split('\n')) each(one.replace(/\r$/, ''))
    })
  }

  return {
    socket, secure: socket instanceof TLSSocket, line, lines, bytes,
    send: (commands) => {
      // A line break inside an argument would be a second command, of whoever chose the argument.
      if (commands.some((command) => /[\r\n\0]/.test(command))) throw fault('MAIL_LOGIN_REFUSED', { answer: '(not tried: there is a line break in the user name or the password)' })
      if (ended !== null) throw ended
      socket.write(commands.map((command) => `${command}\r\n`).join(''), 'utf8')
    },
    hasMore: () => held.length > 0 || socket.readableLength > 0,
    release: () => {
      socket.off('readable', onReadable).off('end', onEnd).off('close', onEnd).off('error', onError)
      return socket
    },
  }
}
