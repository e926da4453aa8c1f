/** The last step of mails whose flow can no longer be read beside others whose flow can. */
import { expect, test } from 'vitest'
import { fault } from '#shared/errors.ts'
import { makeEventStream } from '#shared/events.ts'
import { connectionId, flowId, type MailId, nodeId, runId } from '#shared/ids.ts'
import { receiveEmail } from '#shared/nodes/receive-email.ts'
import type { OpenMailbox } from '#runtime/mail/mailbox.ts'
import { settleDue } from '#runtime/scheduler/settle.ts'
import type { Settled, Store, Unsettled } from '#runtime/store/store.ts'
import { fakeClock } from '../servers/fake-clock.ts'

test('[RN6] a mail whose flow can no longer be read is left as it is and said so; the others are settled', async () => {
  const unsettled = (uid: string, flow: string): Unsettled => ({
    // Ids of mails are opaque to the settling.
    run: runId(`run-${uid}`), mail: `mail-${uid}` as MailId, uid, uidValidity: '1', flow: flowId(flow), version: 1, trigger: nodeId('receive'), state: 'done', finishedAt: '2026-01-05T07:00:00.000Z', tries: 0,
  })
  const recorded: Settled[] = []
  const touched: string[] = []
  // What settling asks of store and mailbox.
  const store = { unsettled: () => Promise.resolve([unsettled('7', 'broken'), unsettled('8', 'good')]), recordSettled: (rows: readonly Settled[]) => { recorded.push(...rows); return Promise.resolve() } } as unknown as Store
  const mailbox = { uidValidity: '1', settle: (uids: readonly string[]) => { touched.push(...uids); return Promise.resolve({ gone: [] }) } } as unknown as OpenMailbox
  await settleDue(mailbox, connectionId('inbox'), 'INBOX', {
    store, events: makeEventStream(), clock: fakeClock(),
    versions: { get: (flow) => (flow === 'broken' ? Promise.reject(fault('FLOW_NOT_FOUND', { id: flow })) : Promise.resolve({ id: flow, name: flow, edges: [], nodes: [{ id: nodeId('receive'), kind: 'receive-email', name: '', config: receiveEmail.config.parse({ connection: 'inbox' }) }] })) },
  })
  expect(touched).toEqual(['8'])
  expect(recorded.map(({ run, state }) => `${run} ${state}`)).toEqual(['run-7 failed', 'run-8 done'])
})
