/** The whole product before servers that lie and flood: its memory stays bounded, each mailbox says what happened, and the others go on. */
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MailboxesView } from '#shared/api.ts'
import type { MailboxStatus } from '#shared/connection.ts'
import { fetchRow, hostileMails, hostileServer, type Talk, type Turn } from '../servers/hostile-server.ts'
import { forwardFlow, letter, mailWorld, type World } from '../world.ts'
import { until } from '../until.ts'

const mostMb = 300
let world: World
const peaks: [string, number][] = []
beforeAll(async () => { world = await mailWorld({ receive: { delaySeconds: 1 } }) })
afterAll(async () => {
  const worst = peaks.toSorted(([, a], [, b]) => b - a).slice(0, 5).map(([name, mb]) => `${name} ${mb} MB`)
  console.log(`figure: peaks of memory before hostile servers: ${worst.join('; ')}`)
  await world.stop()
})

const peakMb = (pid: number): number => Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Infinity) / 1024)
/** proc(5): 5 begins the peak anew. */
const forgetPeak = (pid: number): void => { writeFileSync(`/proc/${pid}/clear_refs`, '5') }
const statusOf = async (connection: string): Promise<MailboxStatus | undefined> =>
  (await world.product.api<MailboxesView>('GET', '/api/mailboxes')).mailboxes.find((one) => one.connection === connection)

let flows = 0
interface Attack {
  readonly kind: 'imap' | 'pop3'
  readonly on: Readonly<Record<string, Turn>>
  readonly security?: string
  /** What its mailbox says in the end; else which mails came out, each once. */
  readonly says?: RegExp
  readonly takes?: readonly string[]
  /** The code with which one of its mails failed. */
  readonly fails?: string
}

async function endure(name: string, attack: Attack): Promise<void> {
  const { product, smtp } = world
  const server = await hostileServer(attack.kind, attack.on)
  const id = `hostile-${flows += 1}`
  forgetPeak(product.pid)
  const before = smtp.accepted.length
  try {
    await product.api('PUT', `/api/connections/${id}`, { id, name: id, kind: attack.kind, host: '127.0.0.1', port: server.port, security: attack.security ?? 'none', user: 'u0', password: 'pw', timeoutSeconds: 5 })
    const flow = forwardFlow({ connection: id, maxEmails: 5, delaySeconds: attack.takes ? 3600 : 1, ...(attack.kind === 'pop3' ? { after: { do: 'leave' } } : {}) })
    await product.deploy({ ...flow, id: id as typeof flow.id, name: id })
    await until(() => server.attacks() > 0)
    // Another mailbox of the same process, while the attack goes on.
    world.arrive(letter(`Beside ${id}`))
    await until(() => world.subjects().includes(`Fwd: Beside ${id}`))
    const { says, takes, fails } = attack
    if (fails) await until(() => product.runs(`flow=${id}`), (runs) => runs.some((run) => run.problem?.code === fails))
    if (says) await until(() => statusOf(id), (status) => says.test(status?.trouble?.say ?? ''))
    if (takes) {
      await until(() => smtp.accepted.length >= before + 1 + takes.length)
      await until(() => statusOf(id), (status) => status?.lastLookAt !== null)
      expect(world.subjects().slice(before).filter((subject) => !subject.includes('Beside')).toSorted()).toEqual(takes.map((subject) => `Fwd: ${subject}`).toSorted())
    }
    const peak = peakMb(product.pid)
    peaks.push([`${attack.kind}, ${name}`, peak])
    expect(peak).toBeLessThanOrEqual(mostMb)
    await product.api('POST', `/api/flows/${id}/stop`, {})
  } finally {
    await server.stop()
  }
}

const big = Buffer.alloc(64 * 1024, 'x')
const uids = Array.from({ length: 200_000 }, (_, at) => at + 1)
const inFetch = (turn: Turn) => ({ 'UID FETCH': turn })
const inSearch = (turn: Turn) => ({ 'UID SEARCH': turn })
const answer = (text: string): Turn => ({ say, tag }) => { say(text.replaceAll('{tag}', tag)) }
const forEver = (first: string, piece: (nth: number, talk: Talk) => string | Buffer): Turn => (talk) => { talk.say(first); talk.flood((nth) => piece(nth, talk)) }
const three = ['One', 'Two', 'Three']

test.each<[string, Omit<Attack, 'kind'>]>([
  ['a line without end', { on: inSearch(forEver('* SEARCH ', () => '1 '.repeat(30_000))), says: /a line without end/ }],
  ['a literal of 4 GB', { on: inFetch(forEver('* 1 FETCH (UID 1 BODY[]<0> {4294967295}\r\n', () => big)), says: /more bytes than were asked for/ }],
  ['one answer of endless literals', { on: inFetch(forEver('* 1 FETCH (UID 1', () => Buffer.concat([Buffer.from(` BODY[] {${big.length}}\r\n`), big]))), says: /without end/ }],
  ['answers for mails nobody asked for, without end', { on: inFetch(forEver('', (nth) => fetchRow(1000 + nth, big))), says: /more than was asked for/ }],
  ['answers for mails nobody asked for', { on: inFetch((talk) => {
    for (const uid of [77, 99_999_999_999, 0, 'NIL']) talk.say(fetchRow(uid, letter('Unasked')))
    for (const [at, mail] of hostileMails.entries()) talk.say(fetchRow(at + 1, mail))
    talk.say(`${talk.tag} OK done\r\n`)
  }), takes: three }],
  ['UIDs that repeat, descend, are zero or beyond 32 bits', { on: inSearch(answer('* SEARCH 3 2 1 1 0 3 4294967296 99999999999999999999\r\n{tag} OK done\r\n')), takes: three }],
  ['no UIDVALIDITY', { on: { SELECT: answer('* 3 EXISTS\r\n* OK [UIDNEXT 4] ok\r\n{tag} OK [READ-WRITE] opened\r\n') }, says: /no UIDVALIDITY/ }],
  ['200,000 mails', { on: { SELECT: answer('* 200000 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n{tag} OK [READ-WRITE] opened\r\n'), ...inSearch(({ say, tag, rest }) => { say(`* SEARCH ${/UID (\d+)/.test(rest) ? '' : uids.join(' ')}\r\n${tag} OK done\r\n`) }) }, takes: [...three, 'Mail 4', 'Mail 5'] }],
  ['a storm of EXISTS', { on: { SELECT: (talk) => { answer('* OK [UIDVALIDITY 7] ok\r\n{tag} OK opened\r\n')(talk); talk.flood((nth) => Array.from({ length: 1000 }, (_, at) => `* ${nth * 1000 + at} EXISTS\r\n`).join('')) } }, says: /news without end/ }],
  ['NUL bytes', { on: inFetch((talk) => {
    talk.say('\0* 9 EXISTS\r\n')
    for (const [at, mail] of hostileMails.entries()) talk.say(fetchRow(at + 1, Buffer.concat([mail, Buffer.from('\0\0\r\n')])))
    talk.say(`${talk.tag} OK done\r\n`)
  }), takes: three }],
  ['answers to no command', { on: inSearch(answer('A99999 OK done\r\n* OK what\r\n* SEARCH 1 2 3\r\n{tag} OK done\r\nA99998 NO no\r\n')), takes: three }],
  ['BYE in the middle', { on: inFetch((talk) => { talk.say('* BYE [UNAVAILABLE] going down now\r\n'); talk.hangUp() }), says: /going down now|broke off/ }],
  ['capabilities without end', { on: { AUTHENTICATE: forEver('* CAPABILITY', (nth) => Array.from({ length: 5000 }, (_, at) => ` X${nth}-${at}`).join('')) }, says: /without end/ }],
  ['capabilities again and again', { on: { AUTHENTICATE: forEver('', (nth) => `* CAPABILITY IMAP4rev1${Array.from({ length: 1000 }, (_, at) => ` X${nth}-${at}`).join('')}\r\n`) }, says: /more than was asked for|without end/ }],
  ['data after STARTTLS', { security: 'starttls', on: { greeting: answer('* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n'), CAPABILITY: answer('* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK\r\n'), STARTTLS: answer('{tag} OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n') }, says: /data between STARTTLS and TLS/ }],
])('[RX113] an IMAP server that sends %s', (name, attack) => endure(name, { kind: 'imap', ...attack }))

/** A process that has seen one kind of server starts small before the other. */
const afresh = (): void => { beforeAll(() => world.restart('SIGTERM')) }

const list = (write: (number: number) => string): string => `+OK\r\n${uids.map((uid) => `${uid} ${write(uid)}\r\n`).join('')}.\r\n`
const pop3Attacks: readonly [string, Omit<Attack, 'kind'>][] = [
  ['a line without end', { on: { UIDL: forEver('+OK', () => big) }, says: /a line without end/ }],
  ['a list without end', { on: { UIDL: forEver('+OK\r\n', (nth) => `${nth} uid-${nth}-${'x'.repeat(50)}\r\n`.repeat(100)) }, says: /a list without end/ }],
  ['a mail without end', { on: { UIDL: answer('+OK\r\n1 one\r\n.\r\n'), LIST: answer('+OK\r\n1 300\r\n.\r\n'), RETR: forEver('+OK\r\n', () => Buffer.concat([big, Buffer.from('\r\n')])) }, fails: 'MAIL_TOO_LARGE' }],
  ['200,000 mails', { on: { UIDL: answer(list((uid) => `uid-${uid}`)), LIST: answer(list(() => '300')) }, takes: [...three, 'Mail 4', 'Mail 5'] }],
  ['names that repeat, descend, are missing or no numbers', { on: { UIDL: answer('+OK\r\n3 same\r\n2 same\r\n0 zero\r\n99999999999 far\r\nx y\r\n.\r\n') }, takes: three }],
  ['NUL bytes', { on: { UIDL: answer('\0\0+OK\r\n') }, says: /it said/ }],
  ['answers to no command', { on: { LIST: answer('+OK\r\n.\r\n+OK\r\n+OK\r\n-ERR\r\n') }, takes: [] }],
  ['a goodbye in the middle', { on: { RETR: (talk) => { talk.say('+OK\r\nSubject: half'); talk.hangUp() } }, says: /broke off/ }],
  ['capabilities without end', { on: { CAPA: forEver('+OK\r\n', (nth) => `X${nth}\r\n`.repeat(1000)) }, says: /a list without end/ }],
  ['data after STLS', { security: 'starttls', on: { CAPA: answer('+OK\r\nSTLS\r\n.\r\n'), STLS: answer('+OK go\r\n+OK\r\nUSER\r\n.\r\n') }, says: /data between STLS and TLS/ }],
]
describe('POP3', () => {
  afresh()
  test.each(pop3Attacks)('[RX113] a POP3 server that sends %s', (name, attack) => endure(name, { kind: 'pop3', ...attack }))
})

test('[RX113] servers that give one byte a second, by IMAP and by POP3 at once', () => Promise.all([
  endure('one byte a second', { kind: 'imap', on: inSearch(({ drip }) => { drip(`* SEARCH ${uids.join(' ')}`) }), says: /did not answer within 15 seconds/ }),
  endure('one byte a second', { kind: 'pop3', on: { UIDL: ({ drip }) => { drip(list((uid) => `uid-${uid}`)) } }, says: /did not answer within 15 seconds/ }),
]))

test('[RX113] a list of 100,000 folders', async () => {
  const { product } = world
  const server = await hostileServer('imap', { LIST: ({ say, tag }) => { say(`${uids.slice(0, 100_000).map((nth) => `* LIST (\\HasNoChildren) "/" "folder ${nth}/inner"\r\n`).join('')}${tag} OK done\r\n`) } })
  forgetPeak(product.pid)
  try {
    await product.api('PUT', '/api/connections/folders', { id: 'folders', name: 'F', kind: 'imap', host: '127.0.0.1', port: server.port, security: 'none', user: 'u0', password: 'pw' })
    await expect(product.api('GET', '/api/connections/folders/folders')).rejects.toThrow('more than was asked for')
    peaks.push(['100,000 folders', peakMb(product.pid)])
    expect(peakMb(product.pid)).toBeLessThanOrEqual(mostMb)
  } finally {
    await server.stop()
  }
})
