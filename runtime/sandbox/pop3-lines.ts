/** POP3's own writing for the sandbox's server: command lines in, stuffed mails out (RFC 1939 section 3). */
import type { Socket } from 'node:net'

/** A command has at most 255 octets (RFC 2449 section 4), a token of SASL some thousands; whoever sends more is no mail program. */
const mostLineBytes = 16 * 1024

export interface Pop3Lines {
  /** The next line without its end, null when the client is gone. */
  next(): Promise<string | null>
  /** Reads no more; what came unasked is dropped. */
  stop(): void
}

export function readPop3Lines(socket: Socket): Pop3Lines {
  let held = Buffer.alloc(0)
  let over = false
  let wake = (): void => {}
  const onData = (bytes: Buffer): void => {
    held = Buffer.concat([held, bytes])
    if (held.length > mostLineBytes && !held.includes(10)) socket.destroy()
    wake()
  }
  const onEnd = (): void => { over = true; wake() }
  socket.on('data', onData).on('end', onEnd).on('close', onEnd)
  return {
    next: async () => {
      for (;;) {
        const end = held.indexOf(10)
        if (end >= 0) {
          const line = held.toString('utf8', 0, end).replace(/\r$/, '')
          held = held.subarray(end + 1)
          return line
        }
        if (over) return null
        await new Promise<void>((resolve) => { wake = resolve })
      }
    },
    stop: () => { socket.off('data', onData).off('end', onEnd).off('close', onEnd) },
  }
}

const lineThenDot = Buffer.from('\r\n.')
const dot = Buffer.from('.')

/** The mail as it goes over the wire, its end included: lines that begin with a dot get another. */
export function stuffed(bytes: Buffer): readonly Buffer[] {
  const parts: Buffer[] = bytes[0] === 46 ? [dot] : []
  let from = 0
  for (let at = bytes.indexOf(lineThenDot); at >= 0; at = bytes.indexOf(lineThenDot, from)) {
    parts.push(bytes.subarray(from, at + 2), dot)
    from = at + 2
  }
  const isLine = bytes.length === 0 || (bytes.length >= 2 && bytes.at(-2) === 13 && bytes.at(-1) === 10)
  return [...parts, bytes.subarray(from), Buffer.from(isLine ? '.\r\n' : '\r\n.\r\n')]
}
