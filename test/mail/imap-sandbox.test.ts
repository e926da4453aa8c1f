/** The sandbox's IMAP server as a client on the wire sees it, its bounded store, and its letters. */
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '#runtime/clock.ts'
import { isLoopback } from '#runtime/sandbox/loopback.ts'
import { letters, readLetter } from '#runtime/sandbox/letters/index.ts'
import { makeMailStore } from '#runtime/sandbox/mailstore.ts'
import { letter } from '../contracts/mailbox.contract.ts'
import { imapServer, type ImapServer } from '../servers/imap-server.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => { for (const cleanup of cleanups.splice(0).toReversed()) await cleanup() })

async function serve(): Promise<ImapServer> {
  const server = await imapServer()
  cleanups.push(() => server.stop())
  return server
}

interface WireClient {
  readonly socket: Socket
  /** Sends a line and returns all up to the tagged answer, or to `until`. */
  readonly say: (line: string, until?: RegExp) => Promise<string>
  readonly hear: (until: RegExp) => Promise<string>
}
async function wireTo(port: number): Promise<WireClient> {
  const socket = connect(port, '127.0.0.1')
  cleanups.push(() => { socket.destroy() })
  let held = ''
  let look = nothing
  socket.on('data', (bytes: Buffer) => { held += bytes.toString('latin1'); look() }).on('close', () => { held += '(closed)'; look() }).on('error', () => {})
  const upTo = (end: RegExp): Promise<string> => new Promise((resolve) => {
    look = () => {
      const found = end.exec(held)
      if (found === null) return
      const text = held.slice(0, found.index + found[0].length)
      held = held.slice(text.length)
      resolve(text)
    }
    look()
  })
  await upTo(/\r\n/)
  return { socket, hear: upTo, say: (line, until) => { socket.write(`${line}\r\n`); return upTo(until ?? new RegExp(`^${line.split(' ')[0] ?? ''} .*\r\n|\\(closed\\)`, 'm')) } }
}
const nothing = (): void => {}
const login = 'a0 LOGIN u0 pw-canary-7f3a'

test('[SB1] the sandbox answers on one loopback address alone', async () => {
  const server = await serve()
  const refused = await new Promise((resolve) => { connect(server.port, '127.0.0.2').on('error', (error: NodeJS.ErrnoException) => { resolve(error.code) }).on('connect', () => { resolve('connected') }) })
  expect(refused).toBe('ECONNREFUSED')
  expect(['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.0.0.1', '::ffff:10.0.0.1', ''].map(isLoopback)).toEqual([true, true, true, false, false, false])
})

test('[SB2] a full folder lets its oldest mail go; the newest always stays', () => {
  const store = makeMailStore({ clock: systemClock, users: {}, bounds: { mails: 3, bytes: 1000 } })
  for (let count = 0; count < 5; count += 1) store.deliver('u', Buffer.alloc(10))
  expect(store.folder('u', 'inbox')?.mails.map((mail) => mail.uid)).toEqual([3, 4, 5])
  store.deliver('u', Buffer.alloc(995))
  expect(store.folder('u', 'INBOX')?.mails.map((mail) => mail.uid)).toEqual([6])
  store.deliver('u', Buffer.alloc(5000))
  expect(store.folder('u', 'INBOX')?.mails.map((mail) => mail.uid)).toEqual([7])
})

test('[SB3] nobody reads without the password, and what is not known is answered with BAD', async () => {
  const { say } = await wireTo((await serve()).port)
  expect(await say('a1 SELECT INBOX')).toContain('a1 NO')
  expect(await say('a2 LOGIN u0 wrong')).toContain('a2 NO [AUTHENTICATIONFAILED]')
  expect(await say('a3 LOGIN constructor ""')).toContain('a3 NO')
  expect(await say(`a4 AUTHENTICATE PLAIN ${Buffer.from('\0u0\0pw-canary-7f3a').toString('base64')}`)).toContain('a4 OK')
  expect(await say('a5 UID FETCH 1 FLAGS')).toContain('a5 BAD')
  expect(await say('a6 FROBNICATE (')).toContain('a6 BAD')
  expect(await say('a7 LOGOUT')).toMatch(/\* BYE[^]*a7 OK/)
})

test('[SB4] parts of a mail come as asked: headers, fields, text, ranges, without marking it as read', async () => {
  const server = await serve()
  server.store.deliver('u0', letter('Gr\xfc\xdfe', 'body', 'X-Long: one\r\n two\r\n'))
  const { say } = await wireTo(server.port)
  await say(login)
  await say('a1 SELECT INBOX')
  expect(await say('a2 FETCH 1 (BODY.PEEK[HEADER.FIELDS (SUBJECT X-LONG)])')).toContain('Subject: Gr\xfc\xdfe\r\nX-Long: one\r\n two\r\n\r\n')
  expect(await say('a3 UID FETCH 1 BODY.PEEK[TEXT]<1.2>')).toContain('UID 1 BODY[TEXT]<1> {2}\r\nod)')
  expect(await say('a4 FETCH 1 (FLAGS ENVELOPE)')).toMatch(/FLAGS \(\).*\(\("Ada" NIL "ada" "example\.org"\)\)/s)
  expect(await say('a5 FETCH 1 BODY[TEXT]')).toContain('body')
  expect(await say('a6 FETCH 1 FLAGS')).toContain('FLAGS (\\Seen)')
})

test('[SB5] a search knows flags, days, sizes, headers, and their combinations', async () => {
  const server = await serve()
  for (const [subject, flags] of [['Alpha', []], ['Beta', ['\\Seen']], ['Gamma', ['\\Flagged', '$Work']]] as const) server.store.deliver('u0', letter(subject), { flags, receivedAt: '2026-11-20T10:00:00.000Z' })
  const { say } = await wireTo(server.port)
  await say(login)
  await say('a1 SELECT INBOX')
  const found = async (query: string): Promise<string> => /\* SEARCH ?([\d ]*)/.exec(await say(`b UID SEARCH ${query}`))?.[1] ?? 'none'
  expect(await found('ALL')).toBe('1 2 3')
  expect(await found('UNSEEN SUBJECT a')).toBe('1 3')
  expect(await found('OR SEEN KEYWORD $Work')).toBe('2 3')
  expect(await found('NOT (FLAGGED) UID 2:*')).toBe('2')
  expect(await found('SINCE 20-Nov-2026 BEFORE 21-Nov-2026 LARGER 10')).toBe('1 2 3')
  expect(await found('SINCE 21-Nov-2026')).toBe('')
  expect(await found('HEADER Message-ID "<beta@example.org>" FROM ada')).toBe('2')
  expect(await say('c UID SEARCH NONSENSE')).toContain('c BAD')
})

test('[SB6] a mail put there by one client is told to the other one that waits, and its removal too', async () => {
  const { port } = await serve()
  const [waiting, writing] = [await wireTo(port), await wireTo(port)]
  await waiting.say(login)
  await waiting.say('a1 SELECT INBOX')
  await waiting.say('a2 IDLE', /\+ .*\r\n/)
  await writing.say(login)
  await writing.say('b1 APPEND INBOX (\\Seen) {12}', /\+ .*\r\n/)
  await writing.say('Hello there.', /b1 OK \[APPENDUID \d+ 1\].*\r\n/)
  expect(await waiting.hear(/EXISTS\r\n/)).toBe('* 1 EXISTS\r\n')
  await writing.say('b2 SELECT INBOX')
  await writing.say('b3 STORE 1 +FLAGS (\\Deleted)')
  expect(await writing.say('b4 EXPUNGE')).toContain('* 1 EXPUNGE')
  expect(await waiting.hear(/EXPUNGE\r\n/)).toContain('* 1 EXPUNGE')
}, 10_000)

test('[SB7] every letter carries the address, date and Message-ID it is given, plain bytes, and no name of a real domain', () => {
  const address = { to: 'you@sandbox.example', date: '2026-11-20T10:11:12.000Z', messageId: 'm-1@sandbox.example' }
  expect(letters.map((one) => one.id)).toEqual(['support-request', 'html-order', 'invoice', 'japanese', 'bounce', 'newsletter'])
  for (const { id } of letters) {
    const bytes = readLetter(id, address)
    const text = bytes.toString('latin1')
    const head = text.slice(0, text.indexOf('\r\n\r\n'))
    expect(head).toContain('To: you@sandbox.example\r\nDate: Fri, 20 Nov 2026 10:11:12 +0000\r\nMessage-ID: <m-1@sandbox.example>')
    expect(text).not.toMatch(/[^\r]\n|\{(?:to|date|messageId)\}/)
    expect(bytes.every((byte) => byte < 127)).toBe(true)
    expect([...text.matchAll(/@([\w.-]+)/g)].map((match) => match[1]).filter((domain) => !/(?:^|\.)(?:example|example\.(?:org|com|net))\.?$/.test(domain ?? ''))).toEqual([])
  }
  expect(() => readLetter('no such letter', address)).toThrow('no such letter')
})

test('[SB7] the picture and the invoice in the letters are whole files', () => {
  const part = (id: string, type: string): Buffer => {
    const text = readLetter(id, { to: 'a@b.example', date: '2026-11-20T10:00:00.000Z', messageId: 'x@b.example' }).toString('latin1')
    return Buffer.from(new RegExp(`Content-Type: ${type}[^]*?\\r\\n\\r\\n([^-]*)`).exec(text)?.[1] ?? '', 'base64')
  }
  expect(part('invoice', 'application/pdf').toString('latin1')).toMatch(/^%PDF-1\.4\n[^]*%%EOF\n$/)
  expect(part('html-order', 'image/png').toString('latin1')).toMatch(/^\x89PNG\r\n[^]*IEND.{4}$/s)
})
