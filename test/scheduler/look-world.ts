/** A real ledger and looks into any mailbox, without engine and network: which mails made runs, over restarts too. */
import { makeEventStream, type MailweaveEvent } from '#shared/events.ts'
import { connectionId, flowId, nodeId } from '#shared/ids.ts'
import { receiveEmail } from '#shared/nodes/receive-email.ts'
import { makeHand } from '#runtime/engine/hand.ts'
import { silentLog } from '#runtime/log.ts'
import type { OpenMailbox } from '#runtime/mail/mailbox.ts'
import { type Looked, lookFor } from '#runtime/scheduler/look.ts'
import { settleDue } from '#runtime/scheduler/settle.ts'
import type { Trigger } from '#runtime/scheduler/trigger.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import type { ClaimedRun, Store } from '#runtime/store/store.ts'
import { dropFolder, makeFolder } from '../product.ts'
import { type FakeClock, fakeClock } from '../servers/fake-clock.ts'

export interface LookWorld {
  readonly clock: FakeClock
  readonly folder: string
  readonly store: () => Store
  /** Every run that began, in order. */
  readonly begun: ClaimedRun[]
  readonly told: MailweaveEvent[]
  readonly uids: () => number[]
  readonly trigger: (config?: Partial<Trigger['config']>, over?: Partial<Trigger>) => Trigger
  readonly look: (trigger: Trigger, mailbox: OpenMailbox) => Promise<Looked>
  /** The runs that began end well, with this Message-ID each. */
  readonly finish: (messageIdOf: (run: ClaimedRun) => string) => Promise<void>
  readonly settle: (trigger: Trigger, mailbox: OpenMailbox) => Promise<number>
  /** `meanwhile`: done to the closed data folder. */
  readonly restart: (meanwhile?: () => Promise<void>) => Promise<void>
  readonly stop: () => Promise<void>
}

export async function lookWorld(): Promise<LookWorld> {
  const clock = fakeClock()
  const folder = await makeFolder()
  const open = () => openSqliteStore(folder, { clock, log: silentLog })
  let store = await open()
  await store.deployFlow({ flow: flowId('f'), name: 'F', json: '{}', at: clock.now() })
  const begun: ClaimedRun[] = []
  const told: MailweaveEvent[] = []
  const events = makeEventStream()
  events.subscribe((event) => { told.push(event) })
  let finished = 0
  return {
    clock, folder, begun, told,
    store: () => store,
    uids: () => begun.map((run) => Number(run.uid)),
    trigger: (config = {}, over = {}) => ({
      flow: flowId('f'), node: nodeId('receive'), version: 1, deployedAt: clock.now(), leftOut: new Map(), reached: { uidValidity: '', uid: '' }, judged: { mark: null }, sizes: { checked: new Map(), sameBytes: 0 },
      config: receiveEmail.config.parse({ connection: 'inbox', startFrom: 'all', ...config }), ...over,
    }),
    look: (which, mailbox) => {
      const hand = makeHand({ runs: 10_000, bytes: 1e9 })
      return lookFor(which, mailbox, { store, events, clock, engine: { hand, begin: (runs) => { begun.push(...runs) } }, signal: new AbortController().signal, alive: () => {}, between: () => Promise.resolve() })
    },
    finish: async (messageIdOf) => {
      const open = begun.slice(finished)
      finished = begun.length
      await Promise.all(open.map((run) => store.recordComputed({ run: run.id, steps: [], sends: [], mail: { subject: '', from: '', messageId: messageIdOf(run) }, state: 'done', problem: null, at: clock.now() })))
    },
    settle: (which, mailbox) => settleDue(mailbox, connectionId(which.config.connection), which.config.folder, {
      store, events, clock,
      versions: { get: (flow) => Promise.resolve({ id: flow, name: flow, edges: [], nodes: [{ id: which.node, kind: 'receive-email', name: '', config: which.config }] }) },
    }),
    restart: async (meanwhile) => {
      await store.close()
      await meanwhile?.()
      store = await open()
    },
    stop: async () => {
      await store.close()
      await dropFolder(folder)
    },
  }
}
