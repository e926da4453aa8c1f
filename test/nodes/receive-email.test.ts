/** Receive Email in a run. */
import { expect, test } from 'vitest'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import { flowOf, jobOf, map, receive, send } from '../engine/compute-jobs.ts'
import { bytesOf } from '../mail/mime-letters.ts'

test('[RX62] a mail that was cut off runs with what could be read, or is put aside, as the flow says', async () => {
  const broken = bytesOf('From: a@x.org', 'Subject: s', 'Content-Type: multipart/mixed; boundary=b', '', '--b\r\nContent-Type: text/plain\r\n\r\nx\r\n'.repeat(2000))
  const run = (unreadable: 'run' | 'put-aside') => computeFlow(jobOf(flowOf([receive({ unreadable }), map([{ to: 'to', value: 'tickets@example.org' }]), send()]), broken))
  expect((await run('run')).problem).toBeNull()
  expect((await run('put-aside')).problem).toMatchObject({ code: 'MAIL_UNREADABLE', where: 'receive' })
})
