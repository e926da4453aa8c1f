/** The line to a mail server: TCP, and TLS over it, with the server's certificate checked before a word is said. */
import { connect as connectTcp, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls'
import { fault } from '#shared/errors.ts'
import type { ConnectTarget } from './connect-target.ts'
import type { Account } from './mailbox.ts'
import { networkFault } from './network-faults.ts'
import { strangerAt } from './trust.ts'

/** TCP, and TLS when it is spoken from the start. Rejects with a Fault; the certificate is checked as `target` says. */
export async function openSocket(account: Account, target: ConnectTarget, signal: AbortSignal): Promise<Socket> {
  const socket = await openTcp(account, target, signal)
  return account.security === 'tls' ? openTls(account, target, socket, signal) : socket
}

export function openTcp(account: Account, target: ConnectTarget, signal: AbortSignal): Promise<Socket> {
  return settled(connectTcp({ host: target.address, port: account.port, noDelay: true }), 'connect', account, signal)
}

/** `onShown` is told the certificate, also one that is then refused. */
export function openTls(account: Account, target: ConnectTarget, plain: Socket, signal: AbortSignal, onShown?: (certificate: PeerCertificate) => void): Promise<TLSSocket> {
  const socket = startTls(account, target, { socket: plain })
  // Node's error for a certificate out of date does not carry it, and after the error it is gone.
  let shown: PeerCertificate | null = null
  socket.prependOnceListener('secure', () => { shown = socket.getPeerCertificate(); onShown?.(shown) })
  socket.prependOnceListener('error', (error: Error & { cert?: unknown }) => { error.cert ??= shown })
  return settled(socket, 'secureConnect', account, signal)
}

/**
 * `ready` is called once the certificate has been found good. OpenSSL has no word for "this one certificate, whatever
 * it says", so a pinned one is compared here, and the line is cut before `ready` where it is another.
 */
export function startTls(account: Account, target: ConnectTarget, to: { readonly socket: Duplex } | { readonly host: string; readonly port: number }, ready?: () => void): TLSSocket {
  const socket = connectTls({ ...target.tls, ...to, ...(account.pinned === '' ? {} : { rejectUnauthorized: false }) })
  socket.once('secureConnect', () => {
    const stranger = strangerAt(account, socket)
    if (stranger === undefined) ready?.()
    else socket.destroy(stranger)
  })
  return socket
}

function settled<S extends Socket>(socket: S, ready: 'connect' | 'secureConnect', account: Account, signal: AbortSignal): Promise<S> {
  // Stays: between the hands a socket goes through, an error without a listener would stop the process.
  socket.on('error', () => {})
  return new Promise((resolve, reject) => {
    const onAbort = (): void => { socket.destroy(abortReason(signal)) }
    const forget = (): void => {
      signal.removeEventListener('abort', onAbort)
      socket.off('error', onError)
      socket.off('close', onClose)
    }
    const onError = (error: Error): void => {
      forget()
      reject(networkFault(error, account))
    }
    const onClose = (): void => { onError(fault('MAIL_CONNECTION_LOST', { host: account.host })) }
    socket.once('error', onError)
    socket.once('close', onClose)
    socket.once(ready, () => {
      // A stranger's line was cut a moment ago; its error comes next.
      if (socket.destroyed) return
      forget()
      resolve(socket)
    })
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}

export const abortReason = (signal: AbortSignal): Error => (signal.reason instanceof Error ? signal.reason : new Error('stopped'))
