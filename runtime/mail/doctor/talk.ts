/**
 * The first words with a server of any protocol: greeting, what it offers, STARTTLS, what it offers then. It says
 * neither user nor password, so it may look more closely than the clients that do.
 */
import type { Socket } from 'node:net'
import { TLSSocket, type PeerCertificate } from 'node:tls'
import type { ConnectionKind } from '#shared/connection.ts'
import { fault } from '#shared/errors.ts'
import { cleanAnswer } from '../clean-answer.ts'
import { mayLogInClear, type ConnectTarget } from '../connect-target.ts'
import type { Account } from '../mailbox.ts'
import { openTls } from '../open-line.ts'
import { ServerBusy } from '../smtp/connect.ts'
import { readLines, type Lines } from './lines.ts'

export interface Talk {
  /** null where nothing is encrypted. */
  readonly secure: TLSSocket | null
  /** In capitals, as the protocol lists them: "AUTH=PLAIN", "SASL PLAIN", "AUTH PLAIN". Empty where the server keeps them to itself. */
  readonly offers: readonly string[]
  bye(): void
}

/** Rejects with a Fault or ServerBusy. `shown` is told each certificate, also one that is refused. */
export async function beginTalk(account: Account, target: ConnectTarget, socket: Socket, signal: AbortSignal, shown?: (certificate: PeerCertificate) => void): Promise<Talk> {
  const words = protocols[account.kind]
  if (account.security === 'tls') {
    const secure = await openTls(account, target, socket, signal, shown)
    const lines = readLines(secure, account)
    demandGreeting(await answer(lines, words.greetingEnds), account)
    return talkOver(account, lines, secure, await ask(lines, words))
  }
  const lines = readLines(socket, account)
  demandGreeting(await answer(lines, words.greetingEnds), account)
  const offers = await ask(lines, words)
  if (account.security === 'none') return talkOver(account, lines, null, offers)
  const facts = { host: account.host, port: account.port }
  if (!offers.includes(words.starttls)) {
    if (mayLogInClear(account, target)) return talkOver(account, lines, null, offers)
    throw fault('MAIL_STARTTLS_MISSING', facts)
  }
  lines.say(words.tag + words.starttls)
  const said = await answer(lines, words.ends)
  if (!words.ok.test(said.at(-1) ?? '')) throw fault('MAIL_STARTTLS_MISSING', facts)
  // What came before TLS was not said by the server that TLS vouches for (CVE-2011-0411).
  if (lines.hasMore()) throw fault('MAIL_PROTOCOL', { host: account.host, reason: 'it sent data between STARTTLS and TLS' })
  lines.release()
  const secure = await openTls(account, target, socket, signal, shown)
  const secret = readLines(secure, account)
  return talkOver(account, secret, secure, await ask(secret, words))
}

const talkOver = (account: Account, lines: Lines, secure: TLSSocket | null, offers: readonly string[]): Talk =>
  ({ secure, offers, bye: () => { lines.say(protocols[account.kind].bye); lines.release() } })

async function answer(lines: Lines, ends: RegExp): Promise<readonly string[]> {
  const said: string[] = []
  for (;;) {
    const line = await lines.next()
    said.push(line)
    if (ends.test(line)) return said
  }
}

async function ask(lines: Lines, { tag, capability, ends, listEnds, read }: Protocol): Promise<readonly string[]> {
  lines.say(tag + capability)
  const first = await answer(lines, ends)
  const refused = /^-ERR/i.test(first[0] ?? '')
  const all = listEnds === null || refused ? first : [...first, ...await answer(lines, listEnds)]
  return read(all).map((one) => one.trim().toUpperCase()).filter((one) => one !== '')
}

/** Which protocol the greeting belongs to, where it is another than the one wanted, goes with the fault as a fact. */
function demandGreeting(said: readonly string[], account: Account): void {
  const first = said.at(-1) ?? ''
  const words = protocols[account.kind]
  if (words.ready.test(first)) return
  const told = cleanAnswer(first)
  if (words.busy.test(first)) throw new ServerBusy(told, true)
  throw fault('MAIL_PROTOCOL', { host: account.host, reason: told === '' ? 'it greets with an empty line' : `it said "${told.slice(0, 120)}"`, speaks: speakerOf(first, account.kind) })
}

function speakerOf(line: string, wanted: ConnectionKind): string {
  const kind = (['imap', 'pop3', 'smtp'] as const).find((one) => one !== wanted && protocols[one].ready.test(line))
  return kind === undefined ? '' : kind.toUpperCase()
}

export const isStarttls = (offer: string): boolean => offer === 'STARTTLS' || offer === 'STLS'

interface Protocol {
  readonly tag: string
  readonly capability: string
  readonly starttls: string
  readonly bye: string
  readonly ready: RegExp
  /** Not now, or not you. */
  readonly busy: RegExp
  readonly ok: RegExp
  readonly greetingEnds: RegExp
  /** The last line of an answer, or the only one. */
  readonly ends: RegExp
  /** The last line of the list that follows; null where the answer is the list. */
  readonly listEnds: RegExp | null
  readonly read: (lines: readonly string[]) => readonly string[]
}
const protocols: Readonly<Record<ConnectionKind, Protocol>> = {
  imap: {
    tag: 'a ', capability: 'CAPABILITY', starttls: 'STARTTLS', bye: 'a LOGOUT', ready: /^\* OK\b/i, busy: /^\* BYE\b/i, ok: /^a OK\b/i,
    greetingEnds: /^/, ends: /^a /i, listEnds: null, read: (lines) => lines.flatMap((line) => /^\* CAPABILITY (.*)$/i.exec(line)?.[1]?.split(' ') ?? []),
  },
  pop3: {
    tag: '', capability: 'CAPA', starttls: 'STLS', bye: 'QUIT', ready: /^\+OK\b/i, busy: /^-ERR\b/i, ok: /^\+OK\b/i,
    greetingEnds: /^/, ends: /^/, listEnds: /^\.$/, read: (lines) => lines.slice(1).filter((line) => line !== '.'),
  },
  smtp: {
    tag: '', capability: 'EHLO [127.0.0.1]', starttls: 'STARTTLS', bye: 'QUIT', ready: /^2\d\d(?: |$)/, busy: /^[45]\d\d(?: |$)/, ok: /^2\d\d(?: |$)/,
    greetingEnds: /^(?!\d{3}-)/, ends: /^(?!\d{3}-)/, listEnds: null, read: (lines) => (lines[0]?.startsWith('2') === true ? lines.slice(1).map((line) => line.slice(4)) : []),
  },
}
