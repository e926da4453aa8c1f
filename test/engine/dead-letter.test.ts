/** The way of a refused mail: kept, tried again or edited on a person's wish, and never sent to who has it. */
import { afterEach, expect, test } from 'vitest'
import type { SendEdit } from '#shared/api.ts'
import type { RunSummary, SendView } from '#shared/run.ts'
import { rowsTo, flowThrough, letter, mailWorld, type World, type WorldOptions } from '../world.ts'
import { until } from '../until.ts'

let world: World
afterEach(async () => { await world.stop() })

const sendsOf = async (): Promise<readonly SendView[]> => (await world.product.outbox()).sends
const first = async (state: SendView['state'] = 'refused'): Promise<SendView> => {
  const [send] = (await world.product.outbox(`state=${state}`)).sends
  if (!send) throw new Error(`no mail is ${state}`)
  return send
}
/** Asked again while the row is still in hand: its outcome shows a moment before it is let go. */
const ask = async (url: string, body: unknown): Promise<SendView> => {
  const answer = await until(() => world.product.api('POST', url, body).catch((error: unknown) => String(error)), (told) => !String(told).includes('being sent right now'))
  if (typeof answer === 'string') throw new Error(answer)
  return answer as SendView
}
const decide = (send: SendView, what: string) => ask(`/api/outbox/${encodeURIComponent(send.id)}/decide`, { do: what })
const edit = (send: SendView, change: SendEdit) => ask(`/api/outbox/${encodeURIComponent(send.id)}/edit`, change)
const ended = (state: RunSummary['state']) => until(() => world.product.runs(), ([run]) => run?.state === state)
const receivers = (): readonly string[] => world.smtp.accepted.flatMap(({ to }) => to)
const text = (n: number): string => world.smtp.accepted[n]?.bytes.toString() ?? ''
const idOf = (mail: string): string => /^Message-ID: (.*)$/im.exec(mail)?.[1]?.trim() ?? ''

/** A server that refuses everybody at bad.example, as long as it is told to. */
async function refusing(to: string, more: Partial<WorldOptions> = {}): Promise<{ isOpen: boolean }> {
  const door = { isOpen: false }
  world = await mailWorld({
    inbox: [letter('Invoice 7')], flow: flowThrough('forward', rowsTo(to, 'Fwd: '), { after: { do: 'mark-seen' } }),
    smtp: { rcpt: (said) => (!door.isOpen && said.includes('bad.example') ? '550 5.1.1 No such user here' : undefined) }, ...more,
  })
  await world.settled(1)
  return door
}

test('[LG51] who was refused is tried again on a person\'s wish, who has the mail is not, and the run ends anew with what became of it', async () => {
  const door = await refusing('ann@dest.example, bob@bad.example')
  const [run] = await ended('failed')
  expect(run).toMatchObject({ problem: { code: 'SEND_RECIPIENTS_REFUSED' } })
  const refused = await first()
  expect(refused.recipients).toMatchObject([{ address: 'ann@dest.example', state: 'sent' }, { address: 'bob@bad.example', state: 'refused', answer: expect.stringContaining('550 5.1.1') as string }])
  await decide(refused, 'retry')
  await until(() => first().catch(() => null), (send) => send?.history.length === 3)
  expect((await world.product.runs())[0]?.state).toBe('failed')
  door.isOpen = true
  await decide(refused, 'retry')
  expect((await ended('done'))[0]).toMatchObject({ problem: null })
  expect(receivers()).toEqual(['ann@dest.example', 'bob@bad.example'])
  expect(idOf(text(0))).toBe(idOf(text(1)))
  expect((await sendsOf())[0]?.history.map(({ what, by }) => `${what}${by === undefined ? '' : ` by ${by}`}`)).toEqual(['refused', 'decided by admin', 'refused', 'decided by admin', 'sent'])
  expect((await world.product.run(run?.id ?? '')).steps.at(-1)).toMatchObject({ state: 'done', output: { accepted: ['ann@dest.example', 'bob@bad.example'], refused: [] } })
})

test('[LG51] a mail that was given up stays so, its run stays as it ended, and nothing more can be decided about it', async () => {
  await refusing('bob@bad.example')
  const [failed] = await world.product.runs()
  await decide(await first(), 'give-up')
  const given = await first('given-up')
  expect((await world.product.runs())[0]).toEqual(failed)
  for (const what of ['retry', 'give-up', 'cancel', 'was-sent']) await expect(decide(given, what)).rejects.toThrow('nothing of this kind')
  await expect(edit(given, { subject: 'x' })).rejects.toThrow('given up')
})

test('[LG52] with another recipient alone the very same mail goes out, under its Message-ID; who has it is not asked again', async () => {
  await refusing('ann@dest.example, bob@bad.example')
  const refused = await first()
  const copy = await edit(refused, { recipients: { 'bob@bad.example': ' Bob@Good.example ' } })
  expect(copy).toMatchObject({ replaces: refused.id, messageId: refused.messageId })
  await ended('done')
  expect(receivers()).toEqual(['ann@dest.example', 'Bob@good.example'])
  expect(world.smtp.accepted[1]?.bytes).toEqual(world.smtp.accepted[0]?.bytes)
  const [now, before] = await sendsOf()
  expect([now?.state, before?.state]).toEqual(['sent', 'replaced'])
  expect(before?.history.at(-1)).toMatchObject({ what: 'edited', by: 'admin', say: 'bob@bad.example became Bob@Good.example.' })
  const [run] = await world.product.runs()
  expect((await world.product.run(run?.id ?? '')).steps.at(-1)).toMatchObject({ state: 'done', output: { accepted: ['ann@dest.example', 'Bob@good.example'] } })
})

test('[LG52] with other words it is another mail: a new Message-ID, the new subject and text, and everything else as it was', async () => {
  const door = await refusing('bob@bad.example')
  door.isOpen = true
  const copy = await edit(await first(), { subject: 'Neu: Übersicht\r\nBcc: eve@evil.example', text: 'Grüße,\n.\n--=_x\nBob' })
  await ended('done')
  const mail = text(0)
  expect(idOf(mail)).toBe(copy.messageId)
  expect(mail).toMatch(/^Subject: =\?UTF-8\?B\?/m)
  expect(mail).not.toMatch(/^Bcc:/m)
  expect(receivers()).toEqual(['bob@bad.example'])
  expect(await world.product.api('GET', `/api/outbox/${encodeURIComponent(copy.id)}/mail`)).toMatchObject({ mail: { subject: 'Neu: Übersicht Bcc: eve@evil.example', text: expect.stringMatching(/^Grüße,\n\.\n--=_x\nBob\n?$/) as string, to: [{ address: 'bob@bad.example' }] } })
})

test.each([
  [{ recipients: { 'bob@bad.example': 'no address' } }, 'is not a mail address'],
  [{ recipients: { 'bob@bad.example': 'a@x.example, b@x.example' } }, 'is not a mail address'],
  [{ recipients: { 'bob@bad.example': 'a@x.example\r\nRCPT TO:<b@x.example>' } }, 'is not a mail address'],
  [{ recipients: { 'bob@bad.example': 'ann@dest.example' } }, 'gets this mail already'],
  [{ recipients: { 'eve@evil.example': 'eve@evil.example' } }, 'not among those'],
  [{ recipients: { 'ann@dest.example': 'other@dest.example' } }, 'not among those'],
  [{ recipients: { 'bob@bad.example': null } }, 'Nobody would be left'],
  [{ html: '<p>x</p>' }, 'has no HTML part'],
  [{}, 'Nothing was changed'],
] as const)('[LG52] an edit never adds a receiver, reaches one who has the mail, or sends what is no address: %j', async (change, words) => {
  await refusing('ann@dest.example, bob@bad.example')
  await expect(edit(await first(), change)).rejects.toThrow(words)
  expect(await sendsOf()).toHaveLength(1)
  expect(receivers()).toEqual(['ann@dest.example'])
})

test('[LG53] mails that wait for their server are called off before it hears of them; those behind them go', async () => {
  world = await mailWorld()
  const outboxAt = (port: number) => world.product.api('PUT', '/api/connections/outbox', { id: 'outbox', name: 'Outbox', kind: 'smtp', host: '127.0.0.1', port, security: 'none' })
  await outboxAt(1)
  for (const subject of ['One', 'Two', 'Three']) world.arrive(letter(subject))
  await until(() => world.product.runs(), (runs) => runs.length === 3 && runs.every(({ state }) => state === 'waiting'))
  const off = (await sendsOf()).filter(({ subject }) => subject !== 'Fwd: Two')
  // One that knocks at its server this very moment is told as such.
  const cancel = async () => {
    for (const send of off) await decide(send, 'cancel').catch(() => undefined)
    return (await world.product.outbox('state=given-up')).sends.length
  }
  await until(cancel, (count) => count === 2)
  await outboxAt(world.smtp.port)
  await until(() => world.product.runs(), (runs) => runs.map(({ state }) => state).toSorted().join() === 'done,failed,failed')
  expect(world.subjects()).toEqual(['Fwd: Two'])
  expect((await world.product.runs()).filter(({ problem }) => problem?.code === 'SEND_GIVEN_UP')).toHaveLength(2)
})

test('[LG54] a mail that waits for its delay is sent at once on a person\'s wish, and the history says whose', async () => {
  world = await mailWorld({ inbox: [letter('Later')], send: { delay: { after: 1, unit: 'hours' } } })
  await until(() => world.product.runs(), ([run]) => run?.state === 'waiting')
  const waiting = await first('ready')
  expect(world.smtp.accepted).toEqual([])
  await decide(waiting, 'send-now')
  await ended('done')
  expect(world.subjects()).toEqual(['Fwd: Later'])
  expect((await first('sent')).history).toMatchObject([{ what: 'decided', by: 'admin' }, { what: 'sent' }])
})

test('[LG50] a run that failed and then succeeds leaves the mail in its mailbox as its failure did', async () => {
  const door = await refusing('bob@bad.example', { flow: flowThrough('forward', rowsTo('bob@bad.example', 'Fwd: '), { after: { do: 'mark-seen' }, onFailure: { do: 'flag' } }) })
  const flags = () => [...world.imap.store.folder('u0', 'INBOX')?.mails[0]?.flags ?? []].filter((flag) => flag === '\\Seen' || flag === '\\Flagged')
  await until(() => flags(), (now) => now.length === 1)
  expect(flags()).toEqual(['\\Flagged'])
  door.isOpen = true
  await decide(await first(), 'retry')
  const [run] = await ended('done')
  expect((await world.product.run(run?.id ?? '')).settle).toMatchObject({ state: 'done' })
  expect(flags()).toEqual(['\\Flagged'])
})
