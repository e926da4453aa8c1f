/** When a mailbox can't be asked: how often it is tried, what the ledger says meanwhile, and under which numbers mails are named. */
import { expect, test } from 'vitest'
import { fault } from '#shared/errors.ts'
import { connectionId, flowId, mailId, nodeId, runId } from '#shared/ids.ts'
import type { MailboxRequest } from '#shared/mailbox-action.ts'
import { makeActions, type Act } from '#runtime/engine/actions.ts'
import type { Computed } from '#runtime/engine/compute.ts'
import { makeInsist } from '#runtime/engine/insist.ts'
import { actions } from '#runtime/limits.ts'
import { silentLog } from '#runtime/log.ts'
import type { ClaimedRun, StepRecord } from '#runtime/store/store.ts'
import { fakeClock } from '../servers/fake-clock.ts'
import { flowOf, receive, step } from './compute-jobs.ts'

const run: ClaimedRun = {
  id: runId('r'), mail: mailId('m'), flow: flowId('f'), version: 1, trigger: nodeId('receive'), start: 'mail', connection: connectionId('in'), folder: 'INBOX', uid: '1', uidValidity: '7',
  flags: [], receivedAt: null, queuedAt: '2026-11-20T12:00:00.000Z', attempts: 0, raw: { kind: 'bytes', bytes: new Uint8Array([1]) },
}
const flow = flowOf([receive(), step('change-mail', { do: 'flag' }, 'change'), step('create-folder', { connection: 'in', folder: 'X' }, 'folder')])
const passed = (node: string): StepRecord => ({ node: nodeId(node), state: 'done', startedAt: '', durationMs: 0, outputJson: '{}', problem: null })
const asks = (node: string, request: MailboxRequest): Computed => ({ steps: [passed('receive')], sends: [], mail: { subject: 's', from: '', messageId: '' }, problem: null, pending: { node, request } })
const flagIt: MailboxRequest = { do: 'change', connection: 'in', folder: 'INBOX', mail: { uid: '1' }, change: { do: 'flag' } }

function bed(act: Act) {
  const written: StepRecord[] = []
  const waits: number[] = []
  const clock = fakeClock()
  const made = makeActions({
    store: { recordAction: (_, record) => { written.push(record); return Promise.resolve() }, actionsOf: () => Promise.resolve(written.filter(({ state }) => state === 'done')), fetchedOf: () => Promise.resolve(new Map()) },
    keep: (raw) => Promise.resolve(raw),
    versions: { get: () => Promise.resolve(flow) }, insist: makeInsist({ clock, log: silentLog }), clock, act,
    onWaiting: (_, __, ms) => { waits.push(ms); return Promise.resolve() }, stopping: new AbortController().signal,
  })
  return { written, waits, go: (first: Computed, last: Computed) => made.go(run, first, () => Promise.resolve(last)) }
}

test('[RN72] a passing fault is waited out four times, longer each time; then the run fails with its cause', async () => {
  const { go, waits, written } = bed(() => Promise.reject(fault('MAIL_CONNECTION_LOST', { host: 'mail.example.org' })))
  const first = asks('change', flagIt)
  for (const _ of actions.retryMs) expect(await go(first, first)).toBeNull()
  expect(waits).toEqual([5_000, 30_000, 120_000, 600_000])
  expect(written.map(({ state, problem }) => [state, problem?.code, problem?.where])).toEqual(Array.from({ length: 4 }, () => ['waiting', 'MAIL_CONNECTION_LOST', 'change']))
  const ended = await go(first, first)
  expect(ended).toMatchObject({ problem: { code: 'MAIL_CONNECTION_LOST', where: 'change' }, sends: [] })
  expect(ended?.steps.map(({ node, state }) => `${node} ${state}`)).toEqual(['receive done', 'change failed', 'folder skipped'])
})

test.each(['MAIL_LOGIN_REFUSED', 'MAIL_FOLDER_MISSING', 'CONNECTION_NOT_FOUND', 'INTERNAL'] as const)('[RN72] %s is nothing that waiting mends: it fails at once', async (code) => {
  const { go, waits } = bed(() => Promise.reject(fault(code)))
  expect(await go(asks('change', flagIt), asks('change', flagIt))).toMatchObject({ problem: { code } })
  expect(waits).toEqual([])
})

test('[RN74] a number is used under the UIDVALIDITY it was told under: the run\'s own, or that of the step that listed the folder', async () => {
  const under: (readonly [string, string])[] = []
  const { go, written } = bed((request, uidValidity) => { under.push([request.folder, uidValidity]); return Promise.resolve({ answer: {}, uidValidity: '31' }) })
  const listed: MailboxRequest = { do: 'fetch', connection: 'in', folder: 'Archive', mail: { uid: '9' } }
  const { pending: _, ...last } = asks('change', flagIt)
  for (const [node, request] of [['change', flagIt], ['find', listed], ['fetch', listed]] as const) await go(asks(node, request), last)
  expect(under).toEqual([['INBOX', '7'], ['Archive', ''], ['Archive', '31']])
  expect(written).toHaveLength(3)
})
