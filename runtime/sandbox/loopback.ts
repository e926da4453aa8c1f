/** A listening port for this machine alone; stopping it ends every line. */
import { createServer, type Socket } from 'node:net'

export interface LoopbackServer { readonly port: number; stop(): Promise<void> }

/** More connections at once than a person trying things out could open; a test may ask for more. */
const usualConnections = 200
/** Refusals of one stranger; a mail program knows its password and needs none. */
export const mostStrangerRefusals = 5

/** `port` 0: chosen by the system. `serve` gets each client with its number, counted from 1. */
export async function listenOnLoopback(serve: (socket: Socket, connection: number) => void, { port = 0, connections = usualConnections }: { readonly port?: number | undefined; readonly connections?: number | undefined } = {}): Promise<LoopbackServer> {
  const open = new Set<Socket>()
  let count = 0
  const server = createServer({ noDelay: true }, (socket) => {
    // Listening on loopback already keeps others out; a proxy or a mistaken bind must not open the door again.
    if (!isLoopback(socket.remoteAddress ?? '') || open.size >= connections) { socket.destroy(); return }
    open.add(socket)
    socket.on('close', () => { open.delete(socket) })
    serve(socket, ++count)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => { server.off('error', reject); resolve() })
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

/** Resolves when more may be written, or nobody is there to read it. */
export const drained = (socket: Socket): Promise<void> => new Promise((resolve) => {
  const goOn = (): void => { socket.off('drain', goOn).off('close', goOn); resolve() }
  socket.on('drain', goOn).on('close', goOn)
})

export const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$/.test(address)
