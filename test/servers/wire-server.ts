/** A mail server of any protocol that says at each step what a test's script says, and keeps every byte it heard in clear. */
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createSecureContext, TLSSocket, type SecureContextOptions } from 'node:tls'
import type { ConnectionKind } from '#shared/connection.ts'
import type { KeyPair } from './certificates.ts'

/** Words for the client (CRLF is added), or the last ones before the line is cut ('' cuts it without a word). */
export type Answer = string | { readonly lastly: string }
export interface WireScript {
  readonly kind: ConnectionKind
  readonly tls?: KeyPair
  /** TLS from the first byte. */
  readonly implicit?: boolean
  readonly speaks?: Pick<SecureContextOptions, 'minVersion' | 'maxVersion' | 'ciphers'>
  /** null: says nothing until spoken to, and then neither. */
  readonly greeting?: Answer | null
  /** What it offers in clear and over TLS, as the protocol lists it. */
  readonly offers?: readonly string[]
  readonly offersInTls?: readonly string[]
  readonly starttls?: Answer
  /** Begins the handshake after whatever `starttls` said. */
  readonly thenTls?: boolean
  /** What it says to the client's hello instead of a handshake, before it cuts the line. */
  readonly handshake?: Buffer
  readonly login?: Answer
  readonly folder?: Answer
  /** Any other command, by its first word. */
  readonly say?: Readonly<Record<string, Answer>>
}
export interface WireServer {
  readonly port: number
  /** All that clients said in clear, over all sessions. */
  clear(): string
  /** All that clients said over TLS. */
  secret(): string
  sessions(): number
  stop(): Promise<void>
}

export async function wireServer(script: WireScript): Promise<WireServer> {
  const clear: Buffer[] = []
  const secret: Buffer[] = []
  const open = new Set<Socket>()
  let sessions = 0
  const server = createServer({ noDelay: true }, (plain) => {
    sessions += 1
    open.add(plain)
    plain.on('close', () => { open.delete(plain) })
    plain.on('error', () => {})
    const secure = (): void => {
      plain.removeAllListeners('data')
      const instead = script.handshake
      if (instead !== undefined) { plain.once('data', () => { plain.end(instead) }); return }
      const line = new TLSSocket(plain, { isServer: true, secureContext: createSecureContext({ ...script.tls, ...script.speaks }) })
      line.on('error', () => {})
      const hear = converse(script, true, (text) => { line.write(text) }, () => { plain.destroy() }, () => {})
      line.on('data', (chunk: Buffer) => { secret.push(chunk); hear(chunk) })
      if (script.implicit === true) hear(null)
    }
    if (script.implicit === true) { secure(); return }
    const hear = converse(script, false, (text) => { plain.write(text) }, () => { plain.end() }, secure)
    plain.on('data', (chunk: Buffer) => { clear.push(chunk); hear(chunk) })
    hear(null)
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return {
    // A listening TCP server's address is always an AddressInfo.
    port: (server.address() as AddressInfo).port,
    clear: () => Buffer.concat(clear).toString('latin1'),
    secret: () => Buffer.concat(secret).toString('latin1'),
    sessions: () => sessions,
    stop: () => new Promise((resolve) => {
      for (const socket of open) socket.destroy()
      server.close(() => { resolve() })
    }),
  }
}

/** One side of a talk: takes what came (null: nothing yet, time for the greeting) and answers line by line. */
function converse(script: WireScript, encrypted: boolean, write: (text: string) => void, cut: () => void, secure: () => void): (chunk: Buffer | null) => void {
  const talk = dialects[script.kind]
  const offers = (encrypted ? script.offersInTls : script.offers) ?? talk.offers.filter((one) => !encrypted || !/^ST(ARTTLS|LS)$/.test(one))
  let waiting = ''
  /** Lines of a login that are still to come. */
  let asked = 0
  let tag = ''
  const say = (answer: Answer): void => {
    const words = typeof answer === 'object' ? answer.lastly : answer
    if (words !== '') write(`${words.replaceAll('{tag}', tag)}\r\n`)
    if (typeof answer === 'object') cut()
  }
  const obey = (line: string): void => {
    if (asked > 0) {
      asked -= 1
      say(asked > 0 ? talk.more : script.login ?? talk.welcome)
      return
    }
    const { id, verb, rest } = talk.read(line)
    tag = id
    const scripted = script.say?.[verb]
    if (scripted !== undefined) { say(scripted); return }
    if (talk.capability.includes(verb)) { say(talk.list(offers)); return }
    if (talk.login.includes(verb)) {
      // Only SASL (AUTH, AUTHENTICATE) without an initial response is asked on.
      asked = !verb.startsWith('AUTH') || rest.includes(' ') ? 0 : /^LOGIN$/i.test(rest) ? 2 : 1
      if (asked > 0) say(talk.more)
      else say(verb === 'USER' ? '+OK go on' : script.login ?? talk.welcome)
      return
    }
    if (verb === talk.starttls) {
      const answer = script.starttls ?? (script.tls === undefined ? talk.no : talk.go)
      say(answer)
      if (script.thenTls ?? (script.starttls === undefined && script.tls !== undefined)) secure()
      return
    }
    if (verb === talk.open) { say(script.folder ?? talk.opened); return }
    if (verb === talk.bye) { say({ lastly: talk.goodbye }); return }
    say(talk.other(verb))
  }
  return (chunk) => {
    if (chunk === null) {
      if (script.greeting !== null) say(script.greeting ?? talk.greeting)
      return
    }
    waiting += chunk.toString('latin1')
    for (let end = waiting.indexOf('\r\n'); end >= 0; end = waiting.indexOf('\r\n')) {
      const line = waiting.slice(0, end)
      waiting = waiting.slice(end + 2)
      obey(line)
    }
  }
}

interface Dialect {
  readonly greeting: string
  readonly offers: readonly string[]
  readonly capability: readonly string[]
  readonly login: readonly string[]
  readonly starttls: string
  readonly open: string
  readonly bye: string
  readonly go: string
  readonly no: string
  readonly more: string
  readonly welcome: string
  readonly opened: string
  readonly goodbye: string
  list(offers: readonly string[]): string
  other(verb: string): string
  read(line: string): { readonly id: string; readonly verb: string; readonly rest: string }
}
const plainLine = (line: string): { readonly id: string; readonly verb: string; readonly rest: string } => {
  const [verb = '', ...rest] = line.split(' ')
  return { id: '', verb: verb.toUpperCase(), rest: rest.join(' ') }
}
const dialects: Readonly<Record<ConnectionKind, Dialect>> = {
  imap: {
    greeting: '* OK ready', offers: ['IMAP4rev1', 'STARTTLS', 'AUTH=PLAIN', 'SASL-IR'], capability: ['CAPABILITY'], login: ['LOGIN', 'AUTHENTICATE'], starttls: 'STARTTLS', open: 'SELECT', bye: 'LOGOUT',
    go: '{tag} OK go', no: '{tag} NO not now', more: '+ ', welcome: '{tag} OK welcome', opened: '* 0 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 1] ok\r\n{tag} OK [READ-WRITE] opened', goodbye: '* BYE bye\r\n{tag} OK bye',
    list: (offers) => `* CAPABILITY ${offers.join(' ')}\r\n{tag} OK done`,
    other: (verb) => (verb === 'LIST' ? '* LIST () "/" INBOX\r\n{tag} OK done' : verb === 'STATUS' ? '* STATUS INBOX (MESSAGES 0 UNSEEN 0)\r\n{tag} OK done' : verb === 'UID' || verb === 'SEARCH' ? '* SEARCH\r\n{tag} OK done' : '{tag} OK done'),
    read: (line) => { const [id = '', ...rest] = line.split(' '); return { ...plainLine(rest.join(' ')), id } },
  },
  pop3: {
    greeting: '+OK ready', offers: ['TOP', 'UIDL', 'USER', 'SASL PLAIN', 'STLS'], capability: ['CAPA'], login: ['USER', 'PASS', 'AUTH', 'APOP'], starttls: 'STLS', open: 'STAT', bye: 'QUIT',
    go: '+OK go', no: '-ERR not now', more: '+ ', welcome: '+OK welcome', opened: '+OK 0 0', goodbye: '+OK bye',
    list: (offers) => ['+OK', ...offers, '.'].join('\r\n'), other: (verb) => (verb === 'UIDL' || verb === 'LIST' ? '+OK\r\n.' : verb === 'NOOP' || verb === 'RSET' ? '+OK' : '-ERR what?'), read: plainLine,
  },
  smtp: {
    greeting: '220 test.server ESMTP', offers: ['SIZE 1000000', 'AUTH PLAIN LOGIN', 'STARTTLS'], capability: ['EHLO'], login: ['AUTH'], starttls: 'STARTTLS', open: '', bye: 'QUIT',
    go: '220 go', no: '454 4.7.0 not now', more: '334 VXNlcm5hbWU6', welcome: '235 2.7.0 welcome', opened: '', goodbye: '221 bye',
    list: (offers) => ['test.server', ...offers].map((text, at) => `250${at === offers.length ? ' ' : '-'}${text}`).join('\r\n'), other: (verb) => (['MAIL', 'RCPT', 'RSET', 'NOOP'].includes(verb) ? '250 fine' : '502 5.5.1 what?'), read: plainLine,
  },
}
