/** A TCP proxy that cuts the line after so many bytes in one direction, as a cable does. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface CuttingProxy {
  readonly port: number
  /** From here on: the n-th byte of this direction still passes, then that line is cut, once; lines opened after it live. null cuts nothing. */
  cutAfter(direction: 'to-server' | 'to-client', bytes: number | null): void
  /** Bytes that passed since the last cutAfter. */
  passed(): { readonly toServer: number; readonly toClient: number }
  stop(): Promise<void>
}

export async function cuttingProxy(target: number): Promise<CuttingProxy> {
  const left = { 'to-server': Infinity, 'to-client': Infinity }
  const count = { 'to-server': 0, 'to-client': 0 }
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => { sockets.delete(socket); client.destroy(); upstream.destroy() })
    }
    let cut = false
    const forward = (direction: 'to-server' | 'to-client', from: Socket, to: Socket): void => {
      from.on('data', (chunk: Buffer) => {
        if (cut) return
        const pass = Math.min(left[direction], chunk.length)
        left[direction] -= pass
        count[direction] += pass
        if (pass > 0) to.write(chunk.subarray(0, pass))
        if (left[direction] > 0) return
        cut = true
        left[direction] = Infinity
        // What was let through still arrives: end() flushes before it closes.
        to.end(() => { from.destroy() })
      })
    }
    forward('to-server', client, upstream)
    forward('to-client', upstream, client)
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return {
    // A listening TCP server's address is always an AddressInfo.
    port: (server.address() as AddressInfo).port,
    cutAfter(direction, bytes) {
      left['to-server'] = left['to-client'] = Infinity
      count['to-server'] = count['to-client'] = 0
      if (bytes !== null) left[direction] = bytes
    },
    passed: () => ({ toServer: count['to-server'], toClient: count['to-client'] }),
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => { server.close(() => { resolve() }) })
    },
  }
}
