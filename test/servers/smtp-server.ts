/** An SMTP server over real sockets that does what a test's script says: answers, drops, hangs, lies; and keeps what it accepted. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { KeyPair } from './certificates.ts'

/** What the server does at a step: answer (CRLF is added), break the line, say nothing, say something odd, say it and break the line, or act once a promise says how. */
export type Act = `${number}${string}` | 'drop' | 'hang' | { readonly say: string } | { readonly thenDrop: string } | { readonly later: Promise<Act> }
type Choice = Act | ((given: string, n: number) => Act | undefined)

export interface SmtpScript {
  /** Certificate for `tls` from the start, or for STARTTLS. */
  readonly tls?: KeyPair
  readonly implicitTls?: boolean
  /** Extension lines of EHLO; default: PIPELINING, 8BITMIME, SMTPUTF8, SIZE, AUTH PLAIN LOGIN, and STARTTLS where a certificate is given. */
  readonly extensions?: readonly string[]
  readonly password?: string
  /** Tokens of XOAUTH2 and OAUTHBEARER that are taken. */
  readonly takes?: (token: string) => boolean
  /** Each may be a fixed act or one chosen by what the client said and how often this step was passed; undefined: as usual. */
  readonly greeting?: Choice
  readonly ehlo?: Choice
  readonly starttls?: Choice
  readonly auth?: Choice
  readonly mail?: Choice
  readonly rcpt?: Choice
  readonly data?: Choice
  /** After the final dot. A 2xx (or nothing scripted) keeps the mail as accepted before the act is done. */
  readonly dot?: Choice
  /** The mail is accepted even though the act after it is no 2xx: the answer gets lost. For each, or for the act that this says. */
  readonly keepAtDot?: boolean | ((said: Act) => boolean)
  /** A mail was accepted, and nothing has been answered yet. */
  readonly onAccepted?: (mail: AcceptedMail) => void
  readonly rset?: Choice
  readonly quit?: Choice
  readonly maxSessions?: number
}
export interface AcceptedMail { readonly from: string; readonly to: readonly string[]; readonly bytes: Buffer }
export interface ScriptedSmtp {
  readonly port: number
  readonly accepted: readonly AcceptedMail[]
  /** Every command line, as it came, over all sessions. */
  readonly commands: readonly string[]
  /** Logins that were tried. */
  readonly logins: readonly string[]
  sessions(): number
  openSessions(): number
  /** Calls `done` when the open sessions are `n`; resolves at once when they are. */
  untilOpen(n: number): Promise<void>
  untilCommand(pattern: RegExp): Promise<void>
  /** Resolves once this many bodies have come in whole, whatever was answered. */
  untilDots(n: number): Promise<void>
  dropAll(): void
  stop(): Promise<void>
}

const usual = ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'SIZE 104857600', 'AUTH PLAIN LOGIN']

export async function smtpServer(script: SmtpScript = {}): Promise<ScriptedSmtp> {
  const accepted: AcceptedMail[] = []
  const commands: string[] = []
  const logins: string[] = []
  const open = new Set<Socket>()
  const watchers = new Set<() => void>()
  const counts = new Map<string, number>()
  let sessions = 0
  let dots = 0
  const changed = (): void => { for (const watcher of watchers) watcher() }

  function choose(step: string, choice: Choice | undefined, given: string, otherwise: Act): Act {
    const n = (counts.get(step) ?? 0) + 1
    counts.set(step, n)
    return (typeof choice === 'function' ? choice(given, n) : choice) ?? otherwise
  }

  function serve(plain: Socket): void {
    sessions += 1
    open.add(plain)
    changed()
    plain.on('close', () => { open.delete(plain); changed() })
    plain.on('error', () => {})
    // Replies to pipelined commands are several small writes; Nagle would hold them back for 40 ms.
    plain.setNoDelay(true)
    let socket: Socket = plain
    let waiting = Buffer.alloc(0)
    let body: Buffer[] = []
    let inData = false
    let answering: 'plain' | 'login-user' | 'login-password' | 'refused-token' | null = null
    let mail = { from: '', to: [] as string[] }
    let inMail = false

    const act = (what: Act): void => {
      if (what === 'drop') plain.destroy()
      else if (what === 'hang') return
      else if (typeof what === 'object' && 'later' in what) void what.later.then(act)
      else if (typeof what === 'object' && 'thenDrop' in what) socket.end(`${what.thenDrop}\r\n`, () => { plain.destroy() })
      else socket.write(`${typeof what === 'object' ? what.say : what}\r\n`)
    }
    const listen = (): void => { socket.on('data', (chunk: Buffer) => { waiting = Buffer.concat([waiting, chunk]); work() }) }
    const secure = (pair: KeyPair): void => {
      waiting = Buffer.alloc(0)
      plain.removeAllListeners('data')
      socket = new TLSSocket(plain, { isServer: true, secureContext: createSecureContext(pair) })
      socket.on('error', () => {})
      listen()
    }

    function work(): void {
      for (;;) {
        if (inData) {
          const end = endOfData(waiting, body.length === 0)
          if (end === null) {
            // All but what may be the beginning of CRLF.CRLF is put aside, so that 30 MB are not searched again and again.
            if (waiting.length > 4) { body.push(waiting.subarray(0, -4)); waiting = waiting.subarray(-4) }
            return
          }
          const bytes = unstuff(Buffer.concat([...body, waiting.subarray(0, end.body)]))
          waiting = waiting.subarray(end.next)
          body = []
          inData = false
          finish(bytes)
        } else {
          const end = waiting.indexOf('\r\n')
          if (end < 0) return
          const line = waiting.toString('utf8', 0, end)
          waiting = waiting.subarray(end + 2)
          commands.push(line)
          changed()
          obey(line)
        }
      }
    }
    function finish(bytes: Buffer): void {
      dots += 1
      const said = choose('dot', script.dot, mail.to.join(','), '250 2.0.0 queued')
      if ((typeof script.keepAtDot === 'function' ? script.keepAtDot(said) : script.keepAtDot === true) || says(said, '2')) {
        const taken = { ...mail, bytes }
        accepted.push(taken)
        script.onAccepted?.(taken)
      }
      mail = { from: '', to: [] }
      inMail = false
      changed()
      act(said)
    }
    function obey(line: string): void {
      if (answering !== null) { answerLogin(line); return }
      const verb = line.split(' ')[0]?.toUpperCase() ?? ''
      const path = /<(.*)>/.exec(line)?.[1] ?? ''
      switch (verb) {
        case 'EHLO':
        case 'HELO': {
          const extensions = [...(script.extensions ?? usual), ...(script.tls !== undefined && socket === plain && script.extensions === undefined ? ['STARTTLS'] : [])]
          const lines = ['test.server', ...extensions]
          act(choose('ehlo', script.ehlo, line, { say: lines.map((text, at) => `250${at === lines.length - 1 ? ' ' : '-'}${text}`).join('\r\n') }))
          return
        }
        case 'STARTTLS': {
          const said = choose('starttls', script.starttls, line, script.tls === undefined ? '502 5.5.1 no' : '220 go')
          act(said)
          if (script.tls !== undefined && says(said, '220')) secure(script.tls)
          return
        }
        case 'AUTH': {
          const [, kind = '', initial] = line.split(' ')
          if (kind.toUpperCase() === 'PLAIN' && initial !== undefined) { login(Buffer.from(initial, 'base64').toString().split('\0')); return }
          if (script.takes !== undefined && initial !== undefined) { tokenLogin(Buffer.from(initial, 'base64').toString()); return }
          answering = kind.toUpperCase() === 'PLAIN' ? 'plain' : 'login-user'
          act(kind.toUpperCase() === 'PLAIN' ? '334 ' : '334 VXNlcm5hbWU6')
          return
        }
        case 'MAIL': {
          const said = choose('mail', script.mail, line, '250 2.1.0 ok')
          inMail = says(said, '2')
          mail = { from: path, to: [] }
          act(said)
          return
        }
        case 'RCPT': {
          if (!inMail) { act('503 5.5.1 MAIL first'); return }
          const said = choose('rcpt', script.rcpt, path, '250 2.1.5 ok')
          if (says(said, '2')) mail.to.push(path)
          act(said)
          return
        }
        case 'DATA': {
          const said = choose('data', script.data, line, mail.to.length === 0 ? '503 5.5.1 nobody to send to' : '354 go on')
          inData = says(said, '354')
          act(said)
          return
        }
        case 'RSET': mail = { from: '', to: [] }; inMail = false; act(choose('rset', script.rset, line, '250 2.0.0 ok')); return
        case 'NOOP': act('250 2.0.0 ok'); return
        case 'QUIT': act(choose('quit', script.quit, line, { thenDrop: '221 2.0.0 bye' })); return
        default: act('502 5.5.1 what?')
      }
    }
    let user = ''
    function answerLogin(line: string): void {
      const text = Buffer.from(line, 'base64').toString()
      const how = answering
      if (how === 'refused-token') { answering = null; act('535 5.7.8 the token is not taken'); return }
      answering = how === 'login-user' ? 'login-password' : null
      if (how === 'login-user') { user = text; act('334 UGFzc3dvcmQ6') }
      else login(how === 'plain' ? text.split('\0') : ['', user, text])
    }
    function tokenLogin(text: string): void {
      const fields = text.split('\x01')
      logins.push(/(?:user=|a=)([^,]+)/.exec(fields[0] ?? '')?.[1] ?? '')
      if (script.takes?.(fields.find((field) => field.startsWith('auth='))?.replace('auth=Bearer ', '') ?? '') === true) { act('235 2.7.0 welcome'); return }
      // RFC 7628 section 3.2.2: why, and then the client ends it.
      answering = 'refused-token'
      act('334 eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=')
    }
    function login([mailbox = '', name = '', password = '']: readonly string[]): void {
      logins.push(mailbox === '' ? name : `${name} for ${mailbox}`)
      act(choose('auth', script.auth, name, script.password === undefined || password === script.password ? '235 2.7.0 welcome' : '535 5.7.8 Error: authentication failed: wrong password'))
    }

    if (script.implicitTls === true && script.tls !== undefined) secure(script.tls)
    else listen()
    const crowded = script.maxSessions !== undefined && open.size > script.maxSessions
    act(crowded ? { thenDrop: '421 4.7.0 Too many concurrent SMTP connections' } : choose('greeting', script.greeting, '', '220 test.server ESMTP'))
  }

  const server = createServer(serve)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const until = (holds: () => boolean): Promise<void> => new Promise((resolve) => {
    const look = (): void => {
      if (!holds()) return
      watchers.delete(look)
      resolve()
    }
    watchers.add(look)
    look()
  })
  const dropAll = (): void => { for (const socket of open) socket.destroy() }
  return {
    // A listening TCP server's address is always an AddressInfo.
    port: (server.address() as AddressInfo).port,
    accepted, commands, logins, dropAll,
    sessions: () => sessions,
    openSessions: () => open.size,
    untilOpen: (n) => until(() => open.size === n),
    untilCommand: (pattern) => until(() => commands.some((line) => pattern.test(line))),
    untilDots: (n) => until(() => dots >= n),
    async stop() {
      dropAll()
      await closed(server)
    },
  }
}

const closed = (server: Server): Promise<void> => new Promise((resolve) => { server.close(() => { resolve() }) })

const says = (act: Act, begin: string): boolean => (typeof act === 'object' ? 'say' in act && act.say.startsWith(begin) : act.startsWith(begin))

/** Where the body ends and what follows: strictly CRLF.CRLF, a body of nothing included. */
function endOfData(bytes: Buffer, atStart: boolean): { readonly body: number; readonly next: number } | null {
  if (atStart && bytes.subarray(0, 3).equals(Buffer.from('.\r\n'))) return { body: 0, next: 3 }
  const at = bytes.indexOf('\r\n.\r\n')
  return at < 0 ? null : { body: at + 2, next: at + 5 }
}

/** RFC 5321 section 4.5.2: the receiver takes the stuffed dot off again. */
const unstuff = (bytes: Buffer): Buffer => Buffer.from(bytes.toString('latin1').replace(/(^|\r\n)\./g, '$1'), 'latin1')
