/** What names a mail, how it is fetched and deleted, and what happens when the line breaks in between. */
import { hash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { pop3LingerMs, pop3ListingMs } from '#runtime/limits.ts'
import { all, codeOf, gather, letter } from '../../contracts/mailbox.contract.ts'
import { fakeClock } from '../../servers/fake-clock.ts'
import type { Pop3Faults } from '../../servers/pop3-server.ts'
import { limits, openOn, rawServer, server, spoolFor } from './world.ts'

/** Answers `name` by what is in these lines, in the place of the server. */
const answering = (answers: Readonly<Record<string, () => string>>): Pop3Faults => ({ onCommand: (command, wire) => answers[command.name] !== undefined && wire.write(`${answers[command.name]?.() ?? ''}\r\n`) })
const countOf = (lines: readonly string[], word: RegExp): number => lines.filter((line) => word.test(line)).length

test('[PO2] a mail without an end of its last line comes out without one, though the wire needs it', async () => {
  const pop3 = await server()
  const mails = ['Subject: x\r\n\r\nno end', 'Subject: x\r\n\r\nbare\n', 'Subject: x\r\n\r\nhalf\r', '.', '', '\r\n', 'Subject: x\r\n\r\nwhole\r\n'].map((text) => Buffer.from(text))
  for (const mail of mails) pop3.store.deliver('u0', mail)
  const mailbox = await openOn(pop3.account())
  const came = await gather(mailbox.fetch(await mailbox.look(all), await spoolFor(), limits))
  expect(came.map((mail) => ('sha256' in mail ? mail.sha256 : mail.code))).toEqual(mails.map((bytes) => hash('sha256', bytes)))
})

test.for([true, false])('[PO10] several commands go out together only where the server says that it takes them: %s', async (offered) => {
  const answers: Readonly<Record<string, string>> = {
    CAPA: `+OK\r\nUIDL\r\nTOP\r\nUSER\r\n${offered ? 'PIPELINING\r\n' : ''}.`, UIDL: '+OK\r\n1 a\r\n2 b\r\n.', LIST: '+OK\r\n1 9\r\n2 9\r\n.', RETR: '+OK\r\nX: y\r\n\r\n.',
  }
  const said: string[] = []
  const { account } = await rawServer((socket) => {
    socket.write('+OK hello\r\n')
    socket.on('data', (bytes: Buffer) => {
      said.push(bytes.toString())
      for (const line of bytes.toString().trimEnd().split('\r\n')) socket.write(`${answers[line.split(' ')[0] ?? ''] ?? '+OK'}\r\n`)
    })
  })
  const mailbox = await openOn(account)
  expect(await gather(mailbox.fetch(await mailbox.look(all), await spoolFor(), limits))).toHaveLength(2)
  expect(await mailbox.settle(['a', 'b'], { do: 'delete' })).toEqual({ done: ['a', 'b'], gone: [] })
  for (const words of ['UIDL\r\nLIST\r\n', 'RETR 1\r\nRETR 2\r\n', 'DELE 1\r\nDELE 2\r\n']) expect(said.includes(words)).toBe(offered)
})

test('[PO12] a mail keeps its name although the server numbers and lists mails otherwise in each session', async () => {
  let order = [1, 2, 3]
  const pop3 = await server({ ...answering({
    UIDL: () => `+OK\r\n${order.map((mail, at) => `${at + 1} name-${mail}\r\n`).join('')}.`,
    LIST: () => `+OK\r\n${order.map((_, at) => `${at + 1} -\r\n`).join('').replaceAll('-', '9')}.`,
    RETR: () => '+OK\r\nSubject: x\r\n\r\n.',
  }) })
  const mailbox = await openOn(pop3.account())
  expect(await mailbox.look(all)).toEqual(['name-1', 'name-2', 'name-3'])
  order = [3, 1]
  await mailbox.refresh()
  expect(await mailbox.look(all)).toEqual(['name-3', 'name-1'])
  await gather(mailbox.fetch(['name-1'], await spoolFor(), limits))
  expect(pop3.lines().findLast((line) => line.startsWith('RETR'))).toBe('RETR 2')
})

test.each<[string, Pop3Faults]>([
  ['no UIDL', answering({ UIDL: () => '-ERR unknown' })],
  ['its message numbers as UIDL', answering({ UIDL: () => '+OK\r\n1 1\r\n2 2\r\n3 3\r\n.' })],
  ['one UIDL for all', answering({ UIDL: () => '+OK\r\n1 same\r\n2 same\r\n3 same\r\n.' })],
  ['empty UIDLs', answering({ UIDL: () => '+OK\r\n1\r\n2 \r\n.' })],
  ['UIDLs of no printable letters', answering({ UIDL: () => '+OK\r\n1 \xff\xfe\r\n2 a\tb\r\n3 \x01\r\n.' })],
])('[PO12] where a server gives %s, a mail\'s own bytes name it', async (_, faults) => {
  const pop3 = await server(faults)
  const letters = [letter('One'), letter('Two'), letter('One')]
  for (const one of letters) pop3.store.deliver('u0', one)
  const mailbox = await openOn(pop3.account())
  const names = [`sha256:${hash('sha256', letter('One'))}`, `sha256:${hash('sha256', letter('Two'))}`]
  expect(await mailbox.look(all)).toEqual(names)
  // Two mails of the same bytes are one, and go together.
  expect(await mailbox.settle(names.slice(0, 1), { do: 'delete' })).toEqual({ done: names.slice(0, 1), gone: [] })
  expect(pop3.store.folder('u0', 'INBOX')?.mails.map((mail) => mail.bytes.equals(letter('Two')))).toEqual([true])
})

test('[PO12] only the mails that share a UIDL are named by their bytes', async () => {
  const pop3 = await server(answering({ UIDL: () => '+OK\r\n1 a\r\n2 b\r\n3 b\r\n.' }))
  for (const subject of ['One', 'Two', 'Three']) pop3.store.deliver('u0', letter(subject))
  const mailbox = await openOn(pop3.account())
  expect(await mailbox.look(all)).toEqual(['a', `sha256:${hash('sha256', letter('Two'))}`, `sha256:${hash('sha256', letter('Three'))}`])
  expect(mailbox.sizeOf('a')).toBe(letter('One').length)
})

test('[PO13] headers come by TOP, or out of the whole mail where there is no TOP', async () => {
  for (const faults of [{}, answering({ TOP: () => '-ERR unknown' }), { capabilities: ['UIDL', 'USER'] }] satisfies Pop3Faults[]) {
    const pop3 = await server(faults)
    for (const subject of ['One', '=?utf-8?q?Gr=C3=BC=C3=9Fe?=']) pop3.store.deliver('u0', letter(subject))
    const mailbox = await openOn(pop3.account())
    const { messages, total, waiting } = await mailbox.peek(5)
    expect(messages.map(({ subject, from, date, seen }) => [subject, from, date, seen])).toEqual([['Grüße', 'Ada', '2026-11-20T10:00:00.000Z', false], ['One', 'Ada', '2026-11-20T10:00:00.000Z', false]])
    expect([total, waiting, (await mailbox.peek(0)).messages]).toEqual([2, 2, []])
    expect(countOf(pop3.lines(), /^RETR/) > 0).toBe(faults !== undefined && Object.keys(faults).length > 0)
  }
})

test('[PO14] a mail is deleted by the answer to QUIT alone: a line that breaks before leaves all mails, and they are deleted later', async () => {
  let breaks = true
  const pop3 = await server({ onCommand: (command, wire) => {
    if (command.name !== 'QUIT' || !breaks) return false
    wire.drop()
    return true
  } })
  for (const subject of ['One', 'Two']) pop3.store.deliver('u0', letter(subject))
  const mailbox = await openOn(pop3.account())
  const uids = await mailbox.look(all)
  expect(await codeOf(mailbox.settle(uids, { do: 'delete' }))).toBe('MAIL_CONNECTION_LOST')
  expect(pop3.store.folder('u0', 'INBOX')?.mails).toHaveLength(2)
  breaks = false
  expect(await mailbox.settle(uids, { do: 'delete' })).toEqual({ done: uids, gone: [] })
  expect(await mailbox.settle(uids, { do: 'delete' })).toEqual({ done: [], gone: uids })
})

test.each<[string, Pop3Faults]>([
  ['at QUIT', { onCommand: (command, wire) => command.name === 'QUIT' && wire.write('-ERR some deleted messages not removed\r\n') }],
  ['at DELE', { onCommand: (command, wire) => command.name === 'DELE' && wire.write('-ERR read only\r\n') }],
])('[PO14] a server that refuses to delete %s is told as that, in its words', async (_, faults) => {
  const pop3 = await server(faults)
  pop3.store.deliver('u0', letter('One'))
  const mailbox = await openOn(pop3.account())
  const uids = await mailbox.look(all)
  await expect(mailbox.settle(uids, { do: 'delete' })).rejects.toMatchObject({ code: 'MAIL_ACTION_REFUSED', message: expect.stringMatching(/to delete the mail: (some deleted|read only)/) })
})

test('[PO15] what POP3 has no words for is refused in words, and nothing is said to the server', async () => {
  const pop3 = await server()
  pop3.store.deliver('u0', letter('One'))
  const mailbox = await openOn(pop3.account())
  const uids = await mailbox.look(all)
  const before = pop3.commands.length
  for (const action of ['mark-seen', 'flag', 'move', 'copy'] as const) expect(await codeOf(mailbox.settle(uids, { do: action, folder: 'Archive' }))).toBe('MAIL_ACTION_REFUSED')
  expect(pop3.commands).toHaveLength(before)
})

test('[RX144] a look that searches is refused in words, and nothing is said to the server', async () => {
  const pop3 = await server()
  const mailbox = await openOn(pop3.account())
  const before = pop3.commands.length
  const search = { unseen: false, flagged: false, from: 'ada', to: '', subject: '', since: '', keyword: '', largerThan: 0, header: null }
  await expect(mailbox.look({ ...all, search })).rejects.toMatchObject({ code: 'CONNECTION_KIND', message: expect.stringContaining('POP3, which can\'t search') })
  expect(pop3.commands).toHaveLength(before)
})

test('[PO16] each look is a session of its own, flows that look one after the other share one, and the mailbox is left when nothing follows', async () => {
  const clock = fakeClock()
  const pop3 = await server()
  const logins = (): number => countOf(pop3.lines(), /^AUTH/)
  const mailbox = await openOn(pop3.account(), { clock })
  await mailbox.look(all)
  await mailbox.look(all)
  expect(logins()).toBe(1)
  pop3.store.deliver('u0', letter('One'))
  clock.pass(pop3ListingMs + 1)
  const uids = await mailbox.look(all)
  expect([uids.length, logins()]).toEqual([1, 2])
  // What follows at once shares the session.
  await gather(mailbox.fetch(uids, await spoolFor(), limits))
  expect(logins()).toBe(2)
  await mailbox.refresh()
  await mailbox.look(all)
  expect(logins()).toBe(3)
  expect(countOf(pop3.lines(), /^QUIT/)).toBe(2)
  clock.pass(pop3LingerMs)
  expect(await gather(mailbox.fetch(uids, await spoolFor(), limits))).toHaveLength(1)
  expect([logins(), countOf(pop3.lines(), /^QUIT/)]).toEqual([4, 3])
})

test('[PO16] a session that the server ended while it waited costs nothing but another login', async () => {
  let drop = (): void => {}
  const pop3 = await server({ onCommand: (_, wire) => { drop = wire.drop; return false } })
  pop3.store.deliver('u0', letter('One'))
  const mailbox = await openOn(pop3.account())
  const uids = await mailbox.look(all)
  drop()
  expect((await gather(mailbox.fetch(uids, await spoolFor(), limits))).map((mail) => 'sha256' in mail)).toEqual([true])
})

test('[PO17] when the line breaks during a fetch, what came whole is handed on up to there, and no scratch file stays', async () => {
  const large = letter('Large', 'x'.repeat(500_000))
  let hangs = false
  const pop3 = await server({ onCommand: (command, wire) => {
    if (command.line === 'RETR 3') hangs = wire.write(`+OK\r\n${large.toString('latin1').slice(0, 300_000)}`)
    return hangs
  } })
  for (const mail of [letter('One'), large, large, letter('Four')]) pop3.store.deliver('u0', mail)
  const mailbox = await openOn(pop3.account(), { deadlines: { connectMs: 5000, commandMs: 100 } })
  const spool = await spoolFor(100_000)
  const came: string[] = []
  const fetching = (async () => { for await (const mail of mailbox.fetch(await mailbox.look(all), spool, limits)) came.push('sha256' in mail ? mail.sha256 : mail.code) })()
  expect(await codeOf(fetching)).toBe('MAIL_TIMEOUT')
  expect(came).toEqual([hash('sha256', letter('One')), hash('sha256', large)])
  expect(await readdir(spool.folder)).toEqual([hash('sha256', large)])
})

test('[RN141] a full disk while a large mail is fetched is told as that, and not as trouble with the server', async () => {
  const pop3 = await server()
  for (const mail of [letter('One'), letter('Large', 'x'.repeat(100_000))]) pop3.store.deliver('u0', mail)
  const mailbox = await openOn(pop3.account())
  const full = { ...await spoolFor(10_000), scratch: (): string => { throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }) } }
  const uids = await mailbox.look(all)
  const came: string[] = []
  const fetching = (async () => { for await (const mail of mailbox.fetch(uids, full, limits)) came.push('sha256' in mail ? mail.sha256 : mail.code) })()
  expect(await codeOf(fetching)).toBe('DISK_FULL')
  expect(came).toEqual([hash('sha256', letter('One'))])
  // Room was made: the same mailbox goes on.
  expect(await gather(mailbox.fetch(uids, await spoolFor(10_000), limits))).toHaveLength(2)
})

test('[PO18] a mail that is larger than the limit, or than its size said, is not taken, and the ones behind it are', async () => {
  const pop3 = await server({ onCommand: (command, wire) => command.name === 'LIST' && wire.write('+OK\r\n1 100\r\n2 100\r\n3 5000000\r\n4 100\r\n.\r\n') })
  for (const mail of [letter('One'), letter('Grown', 'x'.repeat(100_000)), letter('Three'), letter('Four')]) pop3.store.deliver('u0', mail)
  const mailbox = await openOn(pop3.account())
  const spool = await spoolFor(10_000)
  const came = await gather(mailbox.fetch(await mailbox.look(all), spool, { maxMailBytes: 50_000 }))
  expect(came.map((mail) => ('code' in mail ? mail.code : 'fetched'))).toEqual(['fetched', 'MAIL_TOO_LARGE', 'MAIL_TOO_LARGE', 'fetched'])
  expect(await readdir(spool.folder)).toEqual([])
})

test('[PO18] a mail that the server refuses to send is told, and the ones beside it come', async () => {
  const pop3 = await server({ onCommand: (command, wire) => command.line === 'RETR 2' && wire.write('-ERR [SYS/TEMP] disk trouble\r\n') })
  for (const subject of ['One', 'Two', 'Three']) pop3.store.deliver('u0', letter(subject))
  const mailbox = await openOn(pop3.account())
  const came = await gather(mailbox.fetch(await mailbox.look(all), await spoolFor(), limits))
  expect(came.map((mail) => ('code' in mail ? `${mail.code} ${mail.reason}` : 'fetched'))).toEqual(['fetched', 'MAIL_PROTOCOL [SYS/TEMP] disk trouble', 'fetched'])
})

test('[PO19] a start from a day goes by the last server\'s word of arrival, else by the date of the mail, and leaves out no mail without either', async () => {
  const pop3 = await server()
  const received = (day: string): string => `Received: from a by b; ${day} 10:00:00 +0000\r\n`
  pop3.store.deliver('u0', Buffer.concat([Buffer.from(received('Mon, 2 Nov 2026')), letter('Arrived early, dated late')]))
  pop3.store.deliver('u0', Buffer.concat([Buffer.from(received('Wed, 18 Nov 2026')), letter('Arrived late')]))
  pop3.store.deliver('u0', letter('Dated late'))
  pop3.store.deliver('u0', Buffer.from('Subject: no date\r\n\r\n'))
  const mailbox = await openOn(pop3.account())
  const uids = await mailbox.look(all)
  expect(await mailbox.look({ ...all, since: '2026-11-10T00:00:00.000Z' })).toEqual(uids.slice(1))
  const asked = countOf(pop3.lines(), /^TOP/)
  await mailbox.look({ ...all, since: '2026-11-19' })
  expect(countOf(pop3.lines(), /^TOP/)).toBe(asked)
  const came = await gather(mailbox.fetch(uids, await spoolFor(), limits))
  expect(came.map((mail) => ('receivedAt' in mail ? mail.receivedAt : mail.code))).toEqual(['2026-11-02T10:00:00.000Z', '2026-11-18T10:00:00.000Z', null, null])
})
