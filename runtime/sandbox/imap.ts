/** The sandbox's IMAP server (RFC 3501 with IDLE, UIDPLUS, MOVE, SPECIAL-USE): for loopback alone, over mail in memory. */
import { createServer, type Socket } from 'node:net'
import type { SandboxImapOptions } from './imap-client.ts'
import { serveConnection } from './imap-session.ts'

export interface SandboxImap { readonly port: number; stop(): Promise<void> }

/** More connections than a person trying things out could open. */
const mostConnections = 200

export async function startSandboxImap(options: SandboxImapOptions): Promise<SandboxImap> {
  const open = new Set<Socket>()
  let count = 0
  const server = createServer({ noDelay: true }, (socket) => {
    // Listening on loopback already keeps others out; a proxy or a mistaken bind must not open the door again.
    if (!isLoopback(socket.remoteAddress ?? '') || open.size >= mostConnections) { socket.destroy(); return }
    open.add(socket)
    socket.on('close', () => { open.delete(socket) })
    serveConnection(socket, ++count, options)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', () => { server.off('error', reject); resolve() })
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop: async () => {
      const closed = new Promise<void>((resolve) => { server.close(() => { resolve() }) })
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

export const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$/.test(address)
