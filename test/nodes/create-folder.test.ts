/** Create a folder in a run. */
import { expect, test } from 'vitest'
import { computeFlow } from '#runtime/engine/compute-flow.ts'
import { flowOf, jobOf, receive, step } from '../engine/compute-jobs.ts'
import { bytesOf } from '../mail/mime-letters.ts'

test('[RN73] its name is one line, whatever the mail holds', async () => {
  const flow = flowOf([receive(), step('create-folder', { connection: 'inbox', folder: 'Mail of {{receive.text}}' }, 'folder')])
  const { pending } = await computeFlow(jobOf(flow, bytesOf('From: a@x.org', '', 'Ana\r\nA1 DELETE INBOX')))
  expect(pending?.request).toEqual({ do: 'create-folder', connection: 'inbox', folder: 'Mail of Ana A1 DELETE INBOX' })
})
