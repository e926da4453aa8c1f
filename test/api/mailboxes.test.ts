/** The watched mailboxes over HTTP: how each is, and what a person may do with it. */
import { expect, test } from 'vitest'
import type { MailboxesView, MailboxView } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import { apiWorld } from './world.ts'

const inbox = { connection: 'support-inbox', folder: 'INBOX' }

test('[AP60] a mailbox is looked at, paused, resumed and reconnected by who may deploy; it is written down who did', async () => {
  const { ask, cared } = await apiWorld()
  for (const act of ['look', 'pause', 'resume', 'reconnect']) {
    const { status, body } = await ask('POST', `/api/mailboxes/${act}`, { body: inbox })
    expect(status).toBe(200)
    // The answer is the mailbox as it is now.
    expect((body as MailboxView).connection).toBe('support-inbox')
    expect((await ask('POST', `/api/mailboxes/${act}`, { body: inbox, token: 'v'.repeat(32) })).status).toBeGreaterThanOrEqual(401)
  }
  expect(cared).toEqual(['look support-inbox INBOX', 'pause support-inbox INBOX admin', 'resume support-inbox INBOX', 'reconnect support-inbox INBOX'])
})

test('[AP60] a mailbox that is not watched, or is paused, is refused in words', async () => {
  const refuse = () => Promise.reject(fault('MAILBOX_PAUSED', inbox))
  const missing = () => Promise.reject(fault('MAILBOX_NOT_FOUND', inbox))
  const { ask } = await apiWorld({ care: { look: refuse, pause: missing, resume: missing, reconnect: refuse } })
  expect(await ask('POST', '/api/mailboxes/look', { body: inbox })).toMatchObject({ status: 409, body: { error: { say: 'INBOX of support-inbox is paused. Resume it first.' } } })
  expect((await ask('POST', '/api/mailboxes/pause', { body: inbox })).status).toBe(404)
  expect((await ask('POST', '/api/mailboxes/pause', { body: { connection: 'support-inbox' } })).status).toBe(400)
})

test('[AP61] the list of mailboxes carries the mails of the day and the week', async () => {
  const { ask } = await apiWorld()
  const { mailboxes } = (await ask('GET', '/api/mailboxes')).body as MailboxesView
  expect(mailboxes).toMatchObject([{ ...inbox, trouble: null, alarm: null, paused: null, hours: Array.from({ length: 24 }, () => 0), days: Array.from({ length: 7 }, () => 0) }])
})
