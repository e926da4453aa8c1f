/** Copies of sent mail: put once, looked for where nobody knows, tried again for days, and never anybody's trouble but their own. */
import { expect, test } from 'vitest'
import { fault } from '#shared/errors.ts'
import { connectionId, type SendId, sendId } from '#shared/ids.ts'
import { makeCopies, type PutCopy } from '#runtime/engine/copies.ts'
import { makeInsist } from '#runtime/engine/insist.ts'
import { sentCopies } from '#runtime/limits.ts'
import { silentLog } from '#runtime/log.ts'
import type { CopyOutcome, DueCopy } from '#runtime/store/after-sending.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import { until } from '../until.ts'

interface Row { copy: DueCopy; dueAt: string; told: CopyOutcome[] }

function desk(put: PutCopy) {
  const clock = fakeClock()
  const rows = new Map<SendId, Row>()
  const store = {
    dueCopy: (now: string, resting: ReadonlySet<string>) => Promise.resolve([...rows.values()].filter(({ copy, dueAt }) => dueAt !== '' && dueAt <= now && !resting.has(copy.connection)).toSorted((one, other) => (one.dueAt < other.dueAt ? -1 : 1))[0]?.copy ?? null),
    nextCopyAt: (after: string) => Promise.resolve([...rows.values()].flatMap(({ dueAt }) => (dueAt > after ? [dueAt] : [])).toSorted()[0] ?? null),
    recordCopy: (outcome: CopyOutcome) => {
      const row = rows.get(outcome.send)
      if (!row) return Promise.reject(new Error('no such copy'))
      row.told.push(outcome)
      row.copy = { ...row.copy, tries: row.copy.tries + 1 }
      row.dueAt = outcome.state === 'waiting' ? outcome.dueAt : ''
      return Promise.resolve()
    },
  }
  const asked: string[] = []
  const copies = makeCopies({ store, clock, log: silentLog, insist: makeInsist({ clock, log: silentLog }), put: (one) => { asked.push(`${one.messageId}${one.look ? ' looked for' : ''}`); return put(one) } })
  const add = (id: string, connection = 'inbox') => {
    rows.set(sendId(id), { dueAt: clock.now(), told: [], copy: { send: sendId(id), messageId: `<${id}>`, connection: connectionId(connection), folder: '', since: clock.now(), tries: 0, raw: { kind: 'bytes', bytes: new Uint8Array(3) } } })
    return sendId(id)
  }
  const states = (id: string) => rows.get(sendId(id))?.told.map(({ state }) => state) ?? []
  return { clock, rows, copies, asked, add, states }
}

test('[SX170] a copy that this process saw come into being is put without a look; one of an earlier process is looked for first', async () => {
  const { copies, asked, add, states, rows } = desk(() => Promise.resolve('Sent'))
  add('old')
  copies.wake(add('new'))
  await until(() => states('old').length + states('new').length === 2)
  expect(asked.toSorted()).toEqual(['<new>', '<old> looked for'])
  expect(rows.get(sendId('new'))?.told).toMatchObject([{ state: 'done', say: 'Sent' }])
  await copies.stop()
})

test('[SX171] a mailbox out of reach rests while others get their copies; then one try, looked for first, opens it again', async () => {
  let isDown = true
  const { clock, copies, asked, add, states } = desk(({ connection }) => (connection === 'dead' && isDown ? Promise.reject(fault('MAIL_UNREACHABLE', { host: 'h', port: 993 })) : Promise.resolve('Sent')))
  for (const id of ['d1', 'd2', 'd3']) copies.wake(add(id, 'dead'))
  copies.wake(add('well'))
  await until(() => states('well').length === 1)
  expect(asked).toEqual(['<d1>', '<well>'])
  isDown = false
  await clock.untilWaits(sentCopies.waitsMs[0] ?? 0)
  clock.pass(sentCopies.waitsMs[0] ?? 0)
  await until(() => ['d1', 'd2', 'd3'].every((id) => states(id).at(-1) === 'done'))
  expect(asked.slice(2).toSorted()).toEqual(['<d1> looked for', '<d2>', '<d3>'])
  await copies.stop()
})

test('[SX171] a changed connection is tried at once', async () => {
  let isDown = true
  const { copies, add, states } = desk(() => (isDown ? Promise.reject(fault('MAIL_LOGIN_REFUSED', { answer: 'no' })) : Promise.resolve('Sent')))
  copies.wake(add('d1'))
  copies.wake(add('d2'))
  await until(() => states('d1').length === 1)
  isDown = false
  copies.reopen(connectionId('inbox'))
  await until(() => states('d2').at(-1) === 'done')
  await copies.stop()
})

test('[SX171] what is refused for good is given up with its words, and everything after five days', async () => {
  const { clock, copies, add, states, rows } = desk(({ messageId }) => Promise.reject(messageId === '<big>' ? fault('MAIL_TOO_LARGE', { size: '40 MB', limit: '35 MB' }) : fault('MAIL_ACTION_REFUSED', { action: 'keep a copy of', answer: 'over quota' })))
  copies.wake(add('big'))
  copies.wake(add('full'))
  await until(() => states('full').length === 1)
  expect(states('big')).toEqual(['failed'])
  expect(rows.get(sendId('big'))?.told[0]?.say).toContain('35 MB')
  for (const [passedMs, state] of [[sentCopies.giveUpMs - 3_600_000, 'waiting'], [3_600_000, 'failed']] as const) {
    await until(() => clock.waiting() > 0)
    clock.pass(passedMs)
    // The alarm looks at the wall clock each minute, so the look that finds the copy due is not the first behind a leap.
    await until(() => { clock.pass(100); return states('full').at(-1) === state && states('full').length > (state === 'failed' ? 2 : 1) })
  }
  expect(rows.get(sendId('full'))?.told.at(-1)?.say).toContain('over quota')
  await copies.stop()
})
