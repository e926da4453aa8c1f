/** An IMAP or POP3 server that goes by the book until the word on which it turns hostile; it sends for as long as the client takes it. */
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { letter } from '../contracts/mailbox.contract.ts'

export interface Talk {
  /** Of the command that is answered (IMAP). */
  readonly tag: string
  /** What came behind the command's name. */
  readonly rest: string
  say(text: string | Buffer): void
  /** For ever, each piece as soon as the client took the one before. */
  flood(piece: (nth: number) => string | Buffer): void
  /** One byte each second, so that the line is never quiet. */
  drip(text: string): void
  hangUp(): void
}
export type Turn = (talk: Talk) => void
export interface HostileServer {
  readonly port: number
  /** Words on which it turned hostile. */
  attacks(): number
  stop(): Promise<void>
}

type Book = Readonly<Record<string, Turn>>
const ok: Turn = ({ say, tag }) => { say(`${tag} OK done\r\n`) }
export const hostileMails = ['One', 'Two', 'Three'].map((subject) => letter(subject))
/** A row of FETCH. */
export const fetchRow = (uid: number | string, bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`* ${uid} FETCH (UID ${uid} FLAGS () INTERNALDATE "20-Nov-2026 10:00:00 +0000" RFC822.SIZE ${bytes.length} BODY[]<0> {${bytes.length}}\r\n`), bytes, Buffer.from(')\r\n')])
const named = (rest: string): readonly number[] => (rest.split(' ')[0] ?? '').split(',').flatMap((part) => {
  const [first = 0, last = first] = part.split(':').map(Number)
  return Array.from({ length: Math.min(1000, last - first + 1) }, (_, at) => first + at)
})
const fetchAsked = ({ rest, say, tag }: Talk): void => {
  for (const uid of named(rest)) say(fetchRow(uid, hostileMails[uid - 1] ?? letter(`Mail ${uid}`)))
  say(`${tag} OK done\r\n`)
}
const select: Turn = ({ say, tag }) => { say(`* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\n${tag} OK [READ-WRITE] opened\r\n`) }

const books: Readonly<Record<'imap' | 'pop3', Book>> = {
  imap: {
    greeting: ({ say }) => { say('* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR IDLE UIDPLUS] ready\r\n') },
    CAPABILITY: ({ say, tag }) => { say(`* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR IDLE UIDPLUS\r\n${tag} OK done\r\n`) },
    LIST: ({ say, tag }) => { say(`* LIST () "/" INBOX\r\n${tag} OK done\r\n`) },
    SELECT: select,
    'UID SEARCH': ({ say, tag }) => { say(`* SEARCH 1 2 3\r\n${tag} OK done\r\n`) },
    'UID FETCH': fetchAsked,
    IDLE: ({ say }) => { say('+ idling\r\n') },
    DONE: ok,
    LOGOUT: ({ say, tag, hangUp }) => { say(`* BYE\r\n${tag} OK\r\n`); hangUp() },
  },
  pop3: {
    greeting: ({ say }) => { say('+OK ready\r\n') },
    CAPA: ({ say }) => { say('+OK\r\nUIDL\r\nTOP\r\nUSER\r\n.\r\n') },
    UIDL: ({ say }) => { say('+OK\r\n1 one\r\n2 two\r\n3 three\r\n.\r\n') },
    LIST: ({ say }) => { say(`+OK\r\n${hostileMails.map((mail, at) => `${at + 1} ${mail.length}\r\n`).join('')}.\r\n`) },
    RETR: ({ say, rest }) => { say(Buffer.concat([Buffer.from('+OK\r\n'), hostileMails[Number(rest) - 1] ?? letter(`Mail ${rest}`), Buffer.from('.\r\n')])) },
    QUIT: ({ say, hangUp }) => { say('+OK bye\r\n'); hangUp() },
  },
}

export async function hostileServer(kind: 'imap' | 'pop3', attack: Book): Promise<HostileServer> {
  const open = new Set<Socket>()
  let attacks = 0
  const server = createServer({ noDelay: true }, (socket) => {
    open.add(socket)
    socket.on('close', () => { open.delete(socket) })
    socket.on('error', () => {})
    let idleTag = ''
    const act = (name: string, tag: string, rest: string): void => {
      if (attack[name] !== undefined) attacks += 1
      const turn = attack[name] ?? books[kind][name] ?? (kind === 'imap' ? ok : ({ say }: Talk) => { say('+OK\r\n') })
      turn({
        tag, rest,
        say: (text) => { socket.write(text) },
        flood: (piece) => {
          let nth = 0
          const more = (): void => { while (!socket.destroyed && socket.write(piece(nth++))) { /* until the line is full */ } }
          socket.on('drain', more)
          more()
        },
        drip: (text) => {
          let at = 0
          const timer = setInterval(() => { socket.write(text.charAt(at++)) }, 1000)
          socket.on('close', () => { clearInterval(timer) })
        },
        hangUp: () => { socket.end() },
      })
    }
    let waiting = ''
    socket.on('data', (bytes: Buffer) => {
      waiting += bytes.toString('latin1')
      for (let end = waiting.indexOf('\r\n'); end >= 0; end = waiting.indexOf('\r\n')) {
        const line = waiting.slice(0, end)
        waiting = waiting.slice(end + 2)
        const [, tag = '', name = '', rest = ''] = (kind === 'imap' ? /^(\S+) (UID \S+|\S+) ?(.*)$/i : /^()(\S+) ?(.*)$/).exec(line) ?? []
        if (name === 'IDLE') idleTag = tag
        if (line === 'DONE') act('DONE', idleTag, '')
        else act(name.toUpperCase(), tag, rest)
      }
    })
    act('greeting', '', '')
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return {
    // A listening TCP server's address is always an AddressInfo.
    port: (server.address() as AddressInfo).port,
    attacks: () => attacks,
    stop: () => new Promise((resolve) => {
      for (const socket of open) socket.destroy()
      server.close(() => { resolve() })
    }),
  }
}
