/** One client of the sandbox's IMAP server: reads commands with their literals, answers them in order, tells news in IDLE. */
import type { Socket } from 'node:net'
import type { ImapClient, SandboxImapOptions, Wire } from './imap-client.ts'
import { answerCommand } from './imap-commands.ts'
import { fetchRow } from './imap-fetch.ts'
import { readWords } from './imap-words.ts'
import { drained, mostStrangerRefusals } from './loopback.ts'

const sandboxCapabilities = ['IMAP4rev1', 'LITERAL+', 'SASL-IR', 'AUTH=PLAIN', 'ID', 'IDLE', 'NAMESPACE', 'UIDPLUS', 'MOVE', 'SPECIAL-USE'] as const

/** A command's line and its literals together; a client of ours needs a hundredth of it. */
const mostCommandBytes = 48 * 1024 * 1024
/** Before the login, when whoever knocks may be a web page that tries ports: a login with its literals has under 1 KB. */
const mostStrangerBytes = 8 * 1024

export function serveConnection(socket: Socket, connection: number, options: SandboxImapOptions): void {
  const { store, onOutput } = options
  const lines = readLines(socket, () => (client.user === null ? mostStrangerBytes : mostCommandBytes))
  const wire: Wire = { write: (bytes) => { if (!socket.destroyed) socket.write(bytes); return !socket.destroyed }, drop: () => { socket.destroy() } }
  const client: ImapClient = {
    store, capabilities: options.capabilities ?? sandboxCapabilities, user: null, selected: null, flagged: new Set(),
    send: async (...parts) => {
      const bytes = parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part))
      const out = onOutput === undefined ? bytes : [onOutput(Buffer.concat(bytes))]
      socket.cork()
      let room = true
      for (const one of out) room = socket.write(one)
      socket.uncork()
      if (!room && !socket.destroyed) await drained(socket)
    },
    nextLine: async () => (await lines.next())?.line ?? '',
    tellChanges: () => tellChanges(client),
  }
  // In IDLE the client waits for exactly this; at any other time it is told after its next command.
  const forget = store.onChange((folder, flagged) => {
    if (client.selected?.folder !== folder) return
    if (flagged !== undefined) client.flagged.add(flagged)
    if (lines.idling()) void client.tellChanges()
  })
  socket.on('error', () => { socket.destroy() })
  socket.on('close', forget)
  // What a client sends is its own trouble: it loses its line, and nobody else notices.
  serve().catch(() => { socket.destroy() })

  async function serve(): Promise<void> {
    const greeting = options.greeting === undefined ? `* OK [CAPABILITY ${client.capabilities.join(' ')}] Mailweave sandbox` : options.greeting
    if (greeting !== null) await client.send(`${greeting}\r\n`)
    const goOn = (go: string): Promise<void> => client.send(go)
    let refusals = 0
    for (let command = await lines.next(goOn); command !== null; command = await lines.next(goOn)) {
      const [, tag = '*', name = '', rest = ''] = /^(\S+) (UID \S+|\S+) ?(.*)$/is.exec(command.line) ?? []
      const seen = { connection, tag, name: name.toUpperCase(), line: command.line }
      if (await options.onCommand?.(seen, wire)) continue
      lines.setIdling(seen.name === 'IDLE')
      const result = await answerCommand(client, seen.name, readWords(rest, command.literals))
      lines.setIdling(false)
      await client.send(`${tag} ${result}\r\n`)
      if (client.user === null && !result.startsWith('OK') && ++refusals === mostStrangerRefusals) { socket.destroy(); return }
      if (seen.name === 'LOGOUT') { socket.end(); return }
    }
  }
}

async function tellChanges(client: ImapClient): Promise<void> {
  const { selected } = client
  if (selected === null) return
  const there = new Set(selected.folder.mails)
  const told: string[] = []
  for (let at = selected.view.length - 1; at >= 0; at -= 1) {
    const mail = selected.view[at]
    if (mail !== undefined && !there.has(mail)) told.push(`* ${at + 1} EXPUNGE\r\n`)
  }
  if (there.size !== selected.view.length - told.length) told.push(`* ${there.size} EXISTS\r\n`)
  selected.view = [...selected.folder.mails]
  const rows = [...client.flagged].flatMap((mail) => (there.has(mail) ? fetchRow(mail, selected.view.indexOf(mail) + 1, ['UID', 'FLAGS']) : []))
  client.flagged.clear()
  if (told.length + rows.length > 0) await client.send(told.join(''), ...rows)
}

const nothing = (): void => {}

interface Command { readonly line: string; readonly literals: readonly Buffer[] }
interface Lines {
  /** The next command, null when the client is gone. `ask` sends the go-ahead for literals. */
  next(ask?: (go: string) => Promise<void>): Promise<Command | null>
  idling(): boolean
  setIdling(idling: boolean): void
}

function readLines(socket: Socket, mostBytes: () => number): Lines {
  let chunks: Buffer[] = []
  let size = 0
  let wake = nothing
  let over = false
  let idle = false
  socket.on('data', (bytes: Buffer) => {
    chunks.push(bytes)
    size += bytes.length
    if (size > mostBytes()) socket.destroy()
    wake()
  })
  socket.on('close', () => { over = true; wake() })
  socket.on('end', () => { over = true; wake() })

  const more = (): Promise<void> => new Promise((resolve) => { wake = resolve })
  /** Takes the first bytes; joined once here, so that a large literal is not copied with each chunk that comes. */
  const take = (count: number): Buffer => {
    const all = Buffer.concat(chunks)
    chunks = all.length > count ? [all.subarray(count)] : []
    size = all.length - count
    return all.subarray(0, count)
  }
  async function line(): Promise<string | null> {
    for (;;) {
      let before = 0
      for (const chunk of chunks) {
        const end = chunk.indexOf(10)
        if (end >= 0) return take(before + end + 1).toString('latin1').replace(/\r?\n$/, '')
        before += chunk.length
      }
      if (over) return null
      await more()
    }
  }
  async function bytes(count: number): Promise<Buffer | null> {
    for (; ;) {
      if (size >= count) return Buffer.from(take(count))
      if (over) return null
      await more()
    }
  }
  return {
    next: async (ask) => {
      let text = await line()
      const literals: Buffer[] = []
      for (let marker = /\{(\d+)(\+?)\}$/.exec(text ?? ''); text !== null && marker !== null; marker = /\{(\d+)(\+?)\}$/.exec(text)) {
        if (marker[2] === '') await ask?.('+ go on\r\n')
        const literal = await bytes(Number(marker[1]))
        const rest = await line()
        if (literal === null || rest === null) return null
        literals.push(literal)
        text += rest
        if (rest === '') break
      }
      return text === null ? null : { line: text, literals }
    },
    idling: () => idle,
    setIdling: (idling) => { idle = idling },
  }
}
