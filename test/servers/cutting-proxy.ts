/**
 * A TCP proxy that does to a line what networks do: cuts it after so many bytes, resets it, swallows its bytes without a
 * word, lets them through by the spoonful; new lines can find nobody, or somebody who never speaks.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** `end`: an orderly end (FIN). `reset`: RST. `swallow`: the line stays open and nothing passes any more. */
export type Cut = 'end' | 'reset' | 'swallow'

export interface CuttingProxy {
  readonly port: number
  /** From here on: the n-th byte of this direction still passes, then that line is cut, once; lines opened after it live. null cuts nothing. */
  cutAfter(direction: 'to-server' | 'to-client', bytes: number | null, how?: Cut): void
  /** All lines that are open. */
  cutNow(how: Cut): void
  /** What becomes of lines opened from here on. */
  setNew(fate: 'pass' | 'reset' | 'swallow'): void
  /** To clients pass only as many bytes as `let` allows; what is behind them waits. */
  narrow(): void
  let(bytes: number): void
  /** Bytes that passed since the last cutAfter. */
  passed(): { readonly toServer: number; readonly toClient: number }
  cuts(): number
  /** Whether a client waits in vain: its line swallows, or holds back. */
  isDark(): boolean
  /** Most lines that were logged in at once, by the words of mail protocols. */
  mostLoggedIn(): number
  stop(): Promise<void>
}

interface Line { readonly client: Socket; readonly upstream: Socket; dark: boolean; cut: boolean; loggedIn: boolean; readonly waiting: Buffer[] }

const loginWords = /^(?:\S+ (?:LOGIN|AUTHENTICATE) |AUTH |PASS )/im
const byeWords = /^(?:\S+ LOGOUT|QUIT)\r/im

export async function cuttingProxy(target: number): Promise<CuttingProxy> {
  const left = { 'to-server': Infinity, 'to-client': Infinity }
  const count = { 'to-server': 0, 'to-client': 0 }
  const lines = new Set<Line>()
  let cutKind: Cut = 'end'
  let fate: 'pass' | 'reset' | 'swallow' = 'pass'
  let allowed = Infinity
  let cuts = 0
  let most = 0

  const cutLine = (line: Line, how: Cut): void => {
    line.cut = true
    cuts += 1
    if (how === 'swallow') { line.dark = true; return }
    line.upstream.destroy()
    // What was let through still arrives: end() flushes before it closes.
    if (how === 'reset') line.client.resetAndDestroy()
    else line.client.end(() => { line.client.destroy() })
  }
  const pour = (line: Line): void => {
    for (let chunk = line.waiting.shift(); chunk !== undefined; chunk = line.waiting.shift()) {
      const pass = Math.min(allowed, chunk.length)
      allowed -= pass
      if (pass > 0) line.client.write(chunk.subarray(0, pass))
      if (pass < chunk.length) { line.waiting.unshift(chunk.subarray(pass)); return }
    }
  }

  const server = createServer((client) => {
    if (fate === 'reset') { client.on('error', () => {}); client.resetAndDestroy(); return }
    const upstream = connect(target, '127.0.0.1')
    const line: Line = { client, upstream, dark: fate === 'swallow', cut: false, loggedIn: false, waiting: [] }
    lines.add(line)
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true)
      socket.on('error', () => {})
    }
    // A dead line passes on no goodbye of the server; that the client let go is what counts.
    upstream.on('close', () => { if (!line.dark && !line.cut) client.destroy() })
    client.on('close', () => { lines.delete(line); upstream.destroy() })
    const forward = (direction: 'to-server' | 'to-client', from: Socket, to: Socket): void => {
      from.on('data', (chunk: Buffer) => {
        if (line.cut || line.dark) return
        const pass = Math.min(left[direction], chunk.length)
        left[direction] -= pass
        count[direction] += pass
        if (direction === 'to-server') {
          const said = chunk.toString('latin1')
          if (loginWords.test(said)) line.loggedIn = true
          if (byeWords.test(said)) line.loggedIn = false
          most = Math.max(most, [...lines].filter((one) => one.loggedIn).length)
        }
        if (direction === 'to-client') { line.waiting.push(chunk.subarray(0, pass)); pour(line) } else if (pass > 0) to.write(chunk.subarray(0, pass))
        if (left[direction] > 0) return
        left[direction] = Infinity
        if (direction === 'to-server' && cutKind === 'end') {
          // The server still gets what was let through.
          line.cut = true
          cuts += 1
          to.end(() => { from.destroy() })
        } else cutLine(line, cutKind)
      })
    }
    forward('to-server', client, upstream)
    forward('to-client', upstream, client)
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return {
    // A listening TCP server's address is always an AddressInfo.
    port: (server.address() as AddressInfo).port,
    cutAfter(direction, bytes, how = 'end') {
      left['to-server'] = left['to-client'] = Infinity
      count['to-server'] = count['to-client'] = 0
      cutKind = how
      if (bytes !== null) left[direction] = bytes
    },
    cutNow: (how) => { for (const line of lines) if (!line.cut && !line.dark) cutLine(line, how) },
    setNew: (next) => { fate = next },
    narrow: () => { allowed = 0 },
    let: (bytes) => {
      allowed += bytes
      for (const line of lines) pour(line)
    },
    passed: () => ({ toServer: count['to-server'], toClient: count['to-client'] }),
    cuts: () => cuts,
    isDark: () => [...lines].some((line) => line.dark || line.waiting.length > 0),
    mostLoggedIn: () => most,
    async stop() {
      for (const { client, upstream } of lines) { client.destroy(); upstream.destroy() }
      await new Promise<void>((resolve) => { server.close(() => { resolve() }) })
    },
  }
}
