/** Ports for programs that can't be told to take any: the system gives them, they are freed, and whoever wants one is knocked at. */
import type { ChildProcess } from 'node:child_process'
import { connect, createServer } from 'node:net'

/** Ports on which nothing listens. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(servers.map((server) => new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })))
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => { server.close(() => { resolve() }) })))
  return ports
}

export async function closedPort(): Promise<number> {
  const [port = 0] = await freePorts(1)
  return port
}

/** Knocks until the port opens or the program has ended. */
export async function untilListening(port: number, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (server.exitCode !== null) break
    const opened = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => { socket.destroy(); resolve(true) })
      socket.once('error', () => { setTimeout(() => { resolve(false) }, 25) })
    })
    if (opened) return
  }
  throw new Error(`${server.spawnfile} does not listen on ${port}`)
}
