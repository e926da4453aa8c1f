/** A server's lines, one at a time; what is not waited for stays bounded, and the end of the line ends the wait. */
import type { Socket } from 'node:net'
import { fault, type Fault } from '#shared/errors.ts'
import { talkBytes } from '#runtime/limits.ts'
import type { Account } from '../mailbox.ts'
import { networkFault } from '../network-faults.ts'

export interface Lines {
  say(line: string): void
  /** Without its end, as Latin-1. Rejects with a Fault. */
  next(): Promise<string>
  hasMore(): boolean
  /** The socket belongs to somebody else from here on. */
  release(): void
}

export function readLines(socket: Socket, account: Account): Lines {
  let held = ''
  let heard = 0
  let ended: Fault | null = null
  let wake = (): void => {}
  const end = (cause: Fault): void => { ended ??= cause; wake() }
  const onData = (chunk: Buffer): void => {
    heard += chunk.length
    held += chunk.toString('latin1')
    if (heard > talkBytes) socket.pause()
    wake()
  }
  const onEnd = (): void => { end(fault('MAIL_CONNECTION_LOST', { host: account.host })) }
  const onError = (error: Error): void => { end(networkFault(error, account)) }
  socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError)
  return {
    say: (line) => { socket.write(`${line}\r\n`) },
    async next() {
      for (;;) {
        if (heard > talkBytes) throw fault('MAIL_PROTOCOL', { host: account.host, reason: 'its answer never ends' })
        const at = held.indexOf('\n')
        if (at >= 0) {
          const line = held.slice(0, at).replace(/\r$/, '')
          held = held.slice(at + 1)
          return line
        }
        if (ended !== null) throw ended
        await new Promise<void>((resolve) => { wake = resolve })
      }
    },
    hasMore: () => held !== '',
    release: () => { socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError) },
  }
}
