/** One client of the sandbox's POP3 server: its commands in order, over the mails that were there when it logged in. */
import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { Wire } from './imap-client.ts'
import { drained, mostStrangerRefusals } from './loopback.ts'
import type { MailFolder, MailStore, StoredMail } from './mailstore.ts'
import { readPop3Lines, stuffed } from './pop3-lines.ts'

export interface SeenPop3Command { readonly connection: number; readonly name: string; readonly line: string }
export interface SandboxPop3Options {
  readonly store: MailStore
  readonly port?: number
  /** The first line; null says nothing at all. */
  readonly greeting?: string | null
  readonly capabilities?: readonly string[]
  /** For TLS from the start, or for STLS. */
  readonly tls?: { readonly key: string; readonly cert: string }
  readonly implicitTls?: boolean
  /** Sees every command first; `true` means that it has been answered (or never will be). */
  readonly onCommand?: (command: SeenPop3Command, wire: Wire) => boolean | Promise<boolean>
  /** May change what the server is about to write. */
  readonly onOutput?: (bytes: Buffer) => Buffer
}

const sandboxCapabilities = ['TOP', 'UIDL', 'USER', 'SASL PLAIN LOGIN', 'RESP-CODES', 'AUTH-RESP-CODE', 'PIPELINING', 'IMPLEMENTATION Mailweave-sandbox'] as const

interface Maildrop { readonly user: string; readonly folder: MailFolder; readonly mails: readonly StoredMail[]; readonly deleted: Set<StoredMail> }

export function servePop3(plain: Socket, connection: number, options: SandboxPop3Options): void {
  let socket = plain
  let lines = readPop3Lines(socket)
  let user = ''
  let drop: Maildrop | null = null
  const wire: Wire = { write: (bytes) => { if (!socket.destroyed) socket.write(bytes); return !socket.destroyed }, drop: () => { plain.destroy() } }
  plain.on('error', () => { plain.destroy() })

  async function send(...parts: readonly (string | Buffer)[]): Promise<void> {
    const bytes = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'utf8') : part)))
    if (socket.write(options.onOutput === undefined ? bytes : options.onOutput(bytes)) || socket.destroyed) return
    await drained(socket)
  }
  const say = (line: string): Promise<void> => send(`${line}\r\n`)

  async function serve(): Promise<void> {
    if (options.implicitTls === true) secure()
    const greeting = options.greeting === undefined ? '+OK Mailweave sandbox' : options.greeting
    if (greeting !== null) await say(greeting)
    let refusals = 0
    for (let line = await lines.next(); line !== null; line = await lines.next()) {
      const [, word = '', rest = ''] = /^(\S*) ?(.*)$/s.exec(line) ?? []
      const name = word.toUpperCase()
      if (await options.onCommand?.({ connection, name, line }, wire)) continue
      if (name === 'QUIT') {
        if (drop !== null) options.store.remove(drop.user, drop.folder, new Set([...drop.deleted].map((mail) => mail.uid)))
        await say('+OK Until next time')
        socket.end()
        return
      }
      if (drop !== null) { await within(drop, name, rest); continue }
      await before(name, rest)
      // `drop` was set by the login inside `before`, which narrowing does not see.
      if ((drop as Maildrop | null) === null && name !== 'CAPA' && name !== 'STLS' && name !== 'USER' && ++refusals === mostStrangerRefusals) { plain.destroy(); return }
    }
  }

  function secure(): void {
    const { key = '', cert = '' } = options.tls ?? {}
    lines.stop()
    socket = new TLSSocket(plain, { isServer: true, secureContext: createSecureContext({ key, cert }) })
    socket.on('error', () => { plain.destroy() })
    lines = readPop3Lines(socket)
  }

  async function before(name: string, rest: string): Promise<void> {
    switch (name) {
      case 'CAPA': return capabilities()
      case 'STLS':
        if (options.tls === undefined || socket !== plain) return say('-ERR There is no TLS here')
        await say('+OK Begin')
        return secure()
      case 'USER': user = rest; return say('+OK And the password?')
      case 'PASS': return logIn(user, rest)
      case 'AUTH': return authenticate(rest)
      default: return say('-ERR Log in first')
    }
  }

  async function authenticate(rest: string): Promise<void> {
    const [mechanism = '', first] = rest.split(' ')
    const ask = async (question: string): Promise<string> => {
      await say(`+ ${Buffer.from(question).toString('base64')}`)
      return Buffer.from(await lines.next() ?? '', 'base64').toString('utf8')
    }
    if (mechanism.toUpperCase() === 'LOGIN') return logIn(await ask('Username:'), await ask('Password:'))
    if (mechanism.toUpperCase() !== 'PLAIN') return say('-ERR Only PLAIN and LOGIN are spoken here')
    const [, name = '', password = ''] = (first === undefined ? await ask('') : Buffer.from(first, 'base64').toString('utf8')).split('\0')
    return logIn(name, password)
  }

  function logIn(name: string, password: string): Promise<void> {
    const folder = options.store.knows(name, password) ? options.store.folder(name, 'INBOX') : undefined
    if (folder === undefined) return say('-ERR [AUTH] The user name or the password is wrong')
    drop = { user: name, folder, mails: [...folder.mails], deleted: new Set() }
    return say('+OK Welcome')
  }

  const capabilities = (): Promise<void> =>
    send(`+OK\r\n${[...options.capabilities ?? sandboxCapabilities, ...(options.tls !== undefined && socket === plain && options.capabilities === undefined ? ['STLS'] : [])].map((one) => `${one}\r\n`).join('')}.\r\n`)

  async function within(open: Maildrop, name: string, rest: string): Promise<void> {
    const left = open.mails.flatMap((mail, at) => (open.deleted.has(mail) ? [] : [{ mail, number: at + 1 }]))
    // Another client may have taken the mail away meanwhile; its number stays (RFC 1939 section 5).
    const chosen = left.find(({ mail, number }) => String(number) === rest.split(' ')[0] && open.folder.mails.includes(mail))
    switch (name) {
      case 'CAPA': return capabilities()
      case 'NOOP': return say('+OK Still here')
      case 'STAT': return say(`+OK ${left.length} ${left.reduce((sum, { mail }) => sum + mail.bytes.length, 0)}`)
      case 'RSET': open.deleted.clear(); return say('+OK All are back')
      case 'LIST': case 'UIDL': {
        const row = ({ mail, number }: { readonly mail: StoredMail; readonly number: number }): string =>
          `${number} ${name === 'LIST' ? mail.bytes.length : `v${open.folder.uidValidity}u${mail.uid}`}`
        if (rest !== '') return chosen === undefined ? missing() : say(`+OK ${row(chosen)}`)
        return send(`+OK\r\n${left.map((one) => `${row(one)}\r\n`).join('')}.\r\n`)
      }
      case 'RETR': return chosen === undefined ? missing() : send(`+OK ${chosen.mail.bytes.length} octets\r\n`, ...stuffed(chosen.mail.bytes))
      case 'TOP': return chosen === undefined ? missing() : send('+OK\r\n', ...stuffed(topOf(chosen.mail.bytes, Number(rest.split(' ')[1] ?? 0))))
      case 'DELE':
        if (chosen === undefined) return missing()
        open.deleted.add(chosen.mail)
        return say('+OK Marked')
      default: return say('-ERR This server does not know that command')
    }
  }
  const missing = (): Promise<void> => say('-ERR There is no such mail')

  // What a client sends is its own trouble: it loses its line, and nobody else notices.
  serve().catch(() => { plain.destroy() })
}

/** Headers, the empty line, and so many lines of the body (RFC 1939 section 7). */
function topOf(bytes: Buffer, count: number): Buffer {
  const head = bytes.indexOf('\r\n\r\n')
  let end = head < 0 ? bytes.length : head + 4
  for (let line = 0; line < count && end < bytes.length; line += 1) {
    const next = bytes.indexOf('\r\n', end)
    end = next < 0 ? bytes.length : next + 2
  }
  return bytes.subarray(0, end)
}
