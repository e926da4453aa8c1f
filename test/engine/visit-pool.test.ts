/** The sessions that steps of runs share: few, one piece of work at a time, kept for a while, and never asked again after a refused login. */
import { expect, test } from 'vitest'
import { fault } from '#shared/errors.ts'
import { connectionId } from '#shared/ids.ts'
import type { Account, MailboxAdapter, OpenMailbox } from '#runtime/mail/mailbox.ts'
import { actions } from '#runtime/limits.ts'
import { makeVisitPool } from '#runtime/visit-pool.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import { fakeMailbox } from '../scheduler/fake-mailbox.ts'

const inbox = connectionId('inbox')

function bed(open: (folder: string) => Promise<OpenMailbox> = () => Promise.resolve(fakeMailbox())) {
  const opened: string[] = []
  const closed: string[] = []
  const clock = fakeClock()
  const adapter: MailboxAdapter = {
    open: async (_, folder) => {
      opened.push(folder)
      const mailbox = await open(folder)
      return { ...mailbox, close: () => { closed.push(folder); return Promise.resolve() } }
    },
    folders: () => Promise.resolve([]),
  }
  // The fake adapter reads nothing of an account.
  const pool = makeVisitPool({ adapter, account: () => Promise.resolve({} as Account), clock })
  return { pool, opened, closed, clock }
}

test('[RN75] work on one folder goes one after the other over one session, which is closed when it was idle for a while', async () => {
  const { pool, opened, closed, clock } = bed()
  let atWork = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++atWork)
    await Promise.resolve()
    atWork -= 1
  }
  await Promise.all(Array.from({ length: 20 }, () => pool.use(inbox, 'INBOX', work)))
  expect([opened, most]).toEqual([['INBOX'], 1])
  clock.pass(actions.keptMs - 1)
  await pool.use(inbox, 'INBOX', work)
  expect(opened).toEqual(['INBOX'])
  clock.pass(actions.keptMs)
  await pool.use(inbox, 'INBOX', work)
  expect([opened, closed]).toEqual([['INBOX', 'INBOX'], ['INBOX']])
  await pool.close()
})

test('[RN75] a connection has a few sessions at most; the folder that was idle longest gives way, and all at work let others wait', async () => {
  const { pool, opened, closed } = bed()
  const gate = Promise.withResolvers<void>()
  const held = ['A', 'B', 'C'].map((folder) => pool.use(inbox, folder, () => gate.promise))
  const later = pool.use(inbox, 'D', () => Promise.resolve('done'))
  await Promise.resolve()
  expect(opened).not.toContain('D')
  gate.resolve()
  await Promise.all(held)
  expect(await later).toBe('done')
  expect(opened).toHaveLength(4)
  expect(closed).toHaveLength(1)
  await pool.close()
  expect(closed).toHaveLength(4)
})

test('[RN75] what fails closes its session, and a session that died in silence is opened anew', async () => {
  let isAlive = true
  const { pool, opened, closed } = bed(() => Promise.resolve({ ...fakeMailbox(), refresh: () => (isAlive ? Promise.resolve() : Promise.reject(fault('MAIL_CONNECTION_LOST'))) }))
  await expect(pool.use(inbox, 'INBOX', () => Promise.reject(fault('MAIL_TIMEOUT')))).rejects.toMatchObject({ code: 'MAIL_TIMEOUT' })
  expect(closed).toHaveLength(1)
  await pool.use(inbox, 'INBOX', () => Promise.resolve())
  isAlive = false
  await pool.use(inbox, 'INBOX', () => Promise.resolve())
  expect(opened).toHaveLength(3)
  await pool.close()
})

test('[RN75] a refused login is not tried again for each run, until the connection is changed; a missing folder is nobody else\'s fault', async () => {
  let code: 'MAIL_LOGIN_REFUSED' | 'MAIL_FOLDER_MISSING' = 'MAIL_LOGIN_REFUSED'
  const { pool, opened, clock } = bed(() => Promise.reject(fault(code)))
  const ask = (folder = 'INBOX') => pool.use(inbox, folder, () => Promise.resolve()).then(() => 'fine', (error: unknown) => (error as { code: string }).code)
  expect(await Promise.all([ask(), ask(), ask('Other')])).toEqual(Array.from({ length: 3 }, () => 'MAIL_LOGIN_REFUSED'))
  clock.pass(60_000)
  await ask()
  expect(opened.length).toBeLessThanOrEqual(2)
  pool.renew(inbox)
  const before = opened.length
  code = 'MAIL_FOLDER_MISSING'
  expect(await ask('Gone')).toBe('MAIL_FOLDER_MISSING')
  expect(await ask('Gone')).toBe('MAIL_FOLDER_MISSING')
  expect(opened.length).toBe(before + 2)
  await pool.close()
})
