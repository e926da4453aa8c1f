/** A server that says nothing on a plain line may be waiting for TLS: asked for it on a second line, and told apart. */
import type { Socket } from 'node:net'
import { Fault, fault } from '#shared/errors.ts'
import type { Clock } from '#runtime/clock.ts'
import { greetingQuietMs } from '#runtime/limits.ts'
import type { ConnectTarget } from '../connect-target.ts'
import type { Account } from '../mailbox.ts'
import { openTcp, openTls } from '../open-line.ts'

/** `told` rejects with MAIL_TLS_FROM_START, or never settles. */
export function silenceIsTls(account: Account, target: ConnectTarget, clock: Clock, socket: Socket, signal: AbortSignal): { readonly told: Promise<never>; forget(): void } {
  const told = Promise.withResolvers<never>()
  const cancel = clock.after(greetingQuietMs, () => {
    if (socket.bytesRead > 0) return
    void speaksTls(account, target, signal).then((speaks) => { if (speaks) told.reject(fault('MAIL_TLS_FROM_START', { host: account.host, port: account.port })) })
  })
  return { told: told.promise, forget: cancel }
}

/** Only whether a handshake gets as far as a certificate; whose it is does not matter, and nothing is said over it. */
async function speaksTls(account: Account, target: ConnectTarget, signal: AbortSignal): Promise<boolean> {
  try {
    const socket = await openTcp(account, target, signal)
    try {
      await openTls(account, target, socket, signal)
      return true
    } finally {
      socket.destroy()
    }
  } catch (error) {
    return error instanceof Fault && error.code.startsWith('MAIL_CERTIFICATE')
  }
}
