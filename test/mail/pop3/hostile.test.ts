/** Servers that send what no server should: each ends in a fault that says so, in bounded memory and in time. */
import type { Socket } from 'node:net'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { all, codeOf, gather, letter } from '../../contracts/mailbox.contract.ts'
import { limits, openOn, rawServer, server, spoolFor } from './world.ts'

const short = { deadlines: { connectMs: 5000, commandMs: 150 } }
/** Speaks the script's lines, one per command, the last one for ever. */
const scripted = (...lines: readonly string[]) => (socket: Socket): void => {
  let at = 0
  const say = (): void => { socket.write(lines[Math.min(at++, lines.length - 1)] ?? '') }
  say()
  socket.on('data', say)
}
/** For as long as the client takes it. */
function flood(socket: Socket, bytes: string): void {
  const more = (): void => { while (!socket.destroyed && socket.write(bytes)) { /* until the line is full */ } }
  socket.on('drain', more)
  more()
}
const login = ['+OK hello\r\n', '+OK\r\nUIDL\r\nTOP\r\nUSER\r\n.\r\n', '+OK\r\n', '+OK\r\n', '+OK\r\nUIDL\r\nTOP\r\nUSER\r\n.\r\n']

test.each<[string, (socket: Socket) => void, string]>([
  ['a greeting without end', (socket) => { flood(socket, 'x'.repeat(10_000)) }, 'MAIL_PROTOCOL'],
  ['a greeting of another kind', scripted('220 smtp.example.org ESMTP\r\n'), 'MAIL_PROTOCOL'],
  ['no greeting', () => {}, 'MAIL_TIMEOUT'],
  ['a byte now and then', (socket) => { const timer = setInterval(() => { socket.write('+') }, 20); socket.on('close', () => { clearInterval(timer) }) }, 'MAIL_TIMEOUT'],
  ['capabilities without end', (socket) => { socket.write('+OK hello\r\n'); socket.once('data', () => { socket.write('+OK\r\n'); flood(socket, 'UIDL\r\n'.repeat(2000)) }) }, 'MAIL_PROTOCOL'],
  ['an answer that is none', scripted('+OK hello\r\n', '+OKAY\r\n'), 'MAIL_PROTOCOL'],
  ['a hang-up', (socket) => { socket.end('+OK hello\r\n') }, 'MAIL_CONNECTION_LOST'],
  ['questions without end', scripted('+OK hello\r\n', '+OK\r\nSASL PLAIN\r\n.\r\n', '+ \r\n'), 'MAIL_PROTOCOL'],
  ['a list without end', scripted(...login, '+OK\r\n', '+OK\r\n'), 'MAIL_TIMEOUT'],
  ['a list that names no mail', scripted(...login, '-ERR\r\n', '+OK\r\nhello\r\n.\r\n'), 'MAIL_PROTOCOL'],
  ['a list of huge numbers', scripted(...login, '-ERR\r\n', '+OK\r\n99999999999999999999 1\r\n.\r\n'), 'MAIL_PROTOCOL'],
])('[PO8] %s', async (_, serve, code) => {
  const { account } = await rawServer(serve)
  const before = process.memoryUsage().rss
  expect(await codeOf(openOn(account, short))).toBe(code)
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
})

test('[PO8] a size beyond all bounds makes its mail too large and no other', async () => {
  const pop3 = await server({ onCommand: (command, wire) => command.name === 'LIST' && wire.write('+OK\r\n1 999999999999999\r\n2 -5\r\n.\r\n') })
  for (const subject of ['One', 'Two']) pop3.store.deliver('u0', letter(subject))
  expect(await codeOf(openOn(pop3.account()))).toBe('no fault')
  const mailbox = await openOn(pop3.account())
  const came = await gather(mailbox.fetch(await mailbox.look(all), await spoolFor(), limits))
  expect(came.map((mail) => ('code' in mail ? mail.code : 'fetched'))).toEqual(['MAIL_TOO_LARGE', 'fetched'])
})

test('[PO8] two hundred thousand mails are listed, in bounded memory', async () => {
  const rows = (write: (number: number) => string): string => Array.from({ length: 200_000 }, (_, index) => `${index + 1} ${write(index + 1)}\r\n`).join('')
  const uidl = `+OK\r\n${rows((number) => `uid-${number}-${'x'.repeat(50)}`)}.\r\n`
  const list = `+OK\r\n${rows(String)}.\r\n`
  const pop3 = await server({ onCommand: (command, wire) => (command.name === 'UIDL' && wire.write(uidl)) || (command.name === 'LIST' && wire.write(list)) })
  const before = process.memoryUsage().rss
  const mailbox = await openOn(pop3.account())
  expect(await mailbox.look(all)).toHaveLength(200_000)
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
})

test('[PO9] a mail that dribbles in or stops ends with MAIL_TIMEOUT, whatever else the server promised', async () => {
  const { account } = await rawServer((socket) => {
    const say = scripted(...login, '+OK\r\n1 a\r\n.\r\n', '+OK\r\n1 1000\r\n.\r\n', '+OK\r\n')
    say(socket)
    socket.on('data', (bytes: Buffer) => {
      if (!bytes.toString().startsWith('RETR')) return
      const timer = setInterval(() => { socket.write('x') }, 10)
      socket.on('close', () => { clearInterval(timer) })
    })
  })
  const mailbox = await openOn(account, short)
  expect(await codeOf(gather(mailbox.fetch(['a'], await spoolFor(), limits)))).toBe('MAIL_TIMEOUT')
})

test('[PO1] a whole session split at any byte fetches the same mails', async () => {
  const letters = [letter('Dots', '.\r\n..\r\n.x'), letter('Gr\xfc\xdfe', '\n.\r\r\n'), Buffer.from('Subject: no end\r\n\r\n.')]
  const pop3 = await server({ onOutput: (bytes) => bytes })
  for (const one of letters) pop3.store.deliver('u0', one)
  const spool = await spoolFor()
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), async (sizes) => {
    const split = await splitting(pop3.port, sizes)
    const mailbox = await openOn({ ...pop3.account(), port: split })
    const came = await gather(mailbox.fetch(await mailbox.look(all), spool, limits))
    const bytes = await Promise.all(came.map(async (mail) => ('raw' in mail ? spool.bytes(mail.raw) : Buffer.from(mail.code))))
    expect(bytes).toEqual(letters)
    await mailbox.close()
  }), { numRuns: 25 })
})

/** A port before the server's that hands its bytes on in pieces of these sizes, over and over. */
async function splitting(port: number, sizes: readonly number[]): Promise<number> {
  const { connect } = await import('node:net')
  const front = await rawServer((socket) => {
    socket.setNoDelay(true)
    const back = connect(port, '127.0.0.1')
    socket.pipe(back)
    let at = 0
    let turn = Promise.resolve()
    back.on('data', (bytes: Buffer) => {
      for (let from = 0; from < bytes.length;) {
        const size = sizes[at++ % sizes.length] ?? 1
        const piece = bytes.subarray(from, from + size)
        from += size
        turn = turn.then(() => new Promise((resolve) => { socket.write(piece, () => { setImmediate(resolve) }) }))
      }
    })
    back.on('error', () => {}).on('close', () => { void turn.then(() => { socket.end() }) })
    socket.on('close', () => { back.destroy() })
  })
  return front.port
}
