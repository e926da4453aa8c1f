/** A watched mailbox over a real line: watcher, ledger and mail adapter on a clock that stands, a server, and between them a line that can die. */
import { stat } from 'node:fs/promises'
import { onTestFinished } from 'vitest'
import { makeEventStream } from '#shared/events.ts'
import { connectionId, flowId, nodeId } from '#shared/ids.ts'
import type { CheckedFlow } from '#shared/nodes/index.ts'
import { receiveEmail } from '#shared/nodes/receive-email.ts'
import type { Engine } from '#runtime/engine/engine.ts'
import { makeHand } from '#runtime/engine/hand.ts'
import { silentLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { imapAdapter } from '#runtime/mail/imap/adapter.ts'
import { pop3Adapter } from '#runtime/mail/pop3/adapter.ts'
import { triggersOf } from '#runtime/scheduler/trigger.ts'
import { Watcher } from '#runtime/scheduler/watcher.ts'
import { openSqliteStore } from '#runtime/store/sqlite/open.ts'
import type { ClaimedRun, Store } from '#runtime/store/store.ts'
import { dropFolder, makeFolder } from '../product.ts'
import { cuttingProxy, type CuttingProxy } from '../servers/cutting-proxy.ts'
import { type FakeClock, fakeClock } from '../servers/fake-clock.ts'
import { imapServer } from '../servers/imap-server.ts'
import { pop3Server } from '../servers/pop3-server.ts'
import { until } from '../until.ts'

export interface LineWorld {
  readonly clock: FakeClock
  readonly proxy: CuttingProxy
  readonly watcher: Watcher
  /** Sizes of the mails that were taken in, one each time. */
  readonly taken: readonly number[]
  /** Called with the name of each command before the server answers; true: it never does. */
  onCommand: (name: string) => boolean
  deliver(bytes: Buffer): void
  /** Lets time pass, and the line come to rest in between, until it is so; how long that took by the clock. */
  passUntil(isSo: () => boolean, step?: () => void): Promise<number>
}

/** Time passes in steps much shorter than any deadline. */
const stepMs = 500

export async function lineWorld(kind: 'imap' | 'pop3', receive: Readonly<Record<string, unknown>>): Promise<LineWorld> {
  const clock = fakeClock()
  const hear = (command: { readonly name: string }): boolean => world.onCommand(command.name)
  const server = kind === 'imap' ? await imapServer({ onCommand: hear }) : await pop3Server({ onCommand: hear })
  const proxy = await cuttingProxy(server.port)
  const folder = await makeFolder()
  const ledger = await openSqliteStore(folder, { clock, log: silentLog })
  const { store, writing } = counted(ledger)
  await store.deployFlow({ flow: flowId('f'), name: 'F', json: '{}', at: clock.now() })
  const config = receiveEmail.config.parse({ connection: 'inbox', startFrom: 'all', maxEmails: -1, ...receive })
  const flow: CheckedFlow = { id: flowId('f'), name: 'F', nodes: [{ id: nodeId('receive'), kind: 'receive-email', name: '', config }], edges: [] }
  const taken: number[] = []
  const end = async (run: ClaimedRun): Promise<void> => {
    await store.recordComputed({ run: run.id, state: 'done', steps: [], sends: [], mail: { subject: '', from: '', messageId: '' }, problem: null, at: clock.now() })
    watcher.settleSoon()
  }
  const begin = (runs: readonly ClaimedRun[]): void => {
    for (const run of runs) {
      taken.push(run.raw.kind === 'bytes' ? run.raw.bytes.length : run.raw.size)
      void end(run)
    }
  }
  // The watcher needs these three of the engine.
  const engine = { hand: makeHand({ runs: 1000, bytes: 1e9 }), begin, versions: { get: () => Promise.resolve(flow) } } as unknown as Engine
  const deps = { policy: makeHostPolicy({ loopbackBound: true, allowed: [] }), clock, log: silentLog }
  const watcher = new Watcher(connectionId('inbox'), 'INBOX', {
    store, engine, adapter: kind === 'imap' ? imapAdapter(deps) : pop3Adapter(deps), account: () => Promise.resolve({ ...server.account(), port: proxy.port }),
    events: makeEventStream(), clock, log: silentLog, random: () => 0.999, turn: () => Promise.resolve(),
  })
  /** On a line that lives, everything is there after some turns of the loop; a commit has a rhythm of its own. */
  const settleDown = async (): Promise<void> => {
    for (let turn = 0; turn < 12; turn += 1) await new Promise<void>((resolve) => { setImmediate(resolve) })
    if (writing() > 0) await until(() => writing() === 0)
    // What is written to a scratch file comes before a later question of the same kind.
    if (proxy.isDark()) for (let nth = 0; nth < 3; nth += 1) await stat(folder)
  }
  const isWorking = (): boolean => ['connected', 'polling'].includes(watcher.status().health)
  const world: LineWorld = {
    clock, proxy, watcher, taken,
    onCommand: () => false,
    deliver: (bytes) => { server.store.deliver('u0', bytes) },
    passUntil: async (isSo, step = () => {}) => {
      const began = clock.steadyMs()
      for (;;) {
        await settleDown()
        if (isSo()) return clock.steadyMs() - began
        // A line that lives and works is never hurried.
        if (isWorking() && !proxy.isDark()) await until(() => isSo() || !isWorking() || proxy.isDark())
        else { clock.pass(stepMs); step() }
      }
    },
  }
  watcher.start(triggersOf(flow, 1, clock.now()))
  onTestFinished(async () => {
    await watcher.stop()
    await proxy.stop()
    await server.stop()
    await ledger.close()
    await dropFolder(folder)
  })
  return world
}

/** The ledger, and how many of its promises are open. */
function counted(ledger: Store): { readonly store: Store; readonly writing: () => number } {
  let open = 0
  const store = new Proxy(ledger, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...words: readonly unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, target, words)
        if (!(result instanceof Promise)) return result
        open += 1
        return result.finally(() => { open -= 1 })
      }
    },
  })
  return { store, writing: () => open }
}
