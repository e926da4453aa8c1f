/** The wiring: the one place that knows everyone. Builds the house from the store up, opens it, and closes it in the reverse order. */
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { fault } from '#shared/errors.ts'
import { makeEventStream } from '#shared/events.ts'
import { checkFlowFully } from '#shared/flow-check.ts'
import { typedSenders } from '#shared/deliverability.ts'
import { namedConnections } from '#shared/flow-connections.ts'
import { connectionId, flowId, type RunId } from '#shared/ids.ts'
import { type ApiDeps, fullAccess } from './api/deps.ts'
import { startApi } from './api/server.ts'
import { systemClock } from './clock.ts'
import { type Config, isLoopback, listed } from './config.ts'
import { makeOAuthClient } from './connections/oauth-client.ts'
import { makePolicyFetch } from './connections/policy-fetch.ts'
import { makeRegistry } from './connections/registry.ts'
import { openSecrets } from './connections/secrets.ts'
import { makeSignIns } from './connections/sign-in.ts'
import { openDrafts } from './drafts.ts'
import { makeComputer } from './engine/computer.ts'
import { makeDeployer } from './engine/deploy.ts'
import { makeEngine } from './engine/engine.ts'
import { ourAddresses } from './engine/our-addresses.ts'
import { tryFlow } from './engine/try.ts'
import type { Log } from './log.ts'
import { mailboxAdapter } from './mail/adapter.ts'
import { makeHostPolicy } from './mail/host-policy.ts'
import { rewriteMail } from './mail/compose/rewrite-mail.ts'
import { makeSender } from './mail/smtp/pool.ts'
import { makeMailboxActions } from './mailbox-actions.ts'
import { makeVisits } from './mailboxes.ts'
import { findSample } from './sample.ts'
import { makeScheduler } from './scheduler/scheduler.ts'
import { countStart } from './scheduler/start-count.ts'
import { makeSenders } from './senders.ts'
import { makeSentMail } from './sent-mail.ts'
import { openSqliteStore } from './store/sqlite/open.ts'
import { pruneDaily } from './prune.ts'
import { openToken } from './token.ts'
import { makeVisitPool } from './visit-pool.ts'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

export interface Mailweave {
  readonly url: string
  /** Where a person signs in: the token stands behind the #, which no server ever sees. */
  readonly signIn: string
  readonly stop: () => Promise<void>
}

/** Rejects with a Fault, and then nothing is left open: KEYS_UNREADABLE, DATA_IN_USE, DATA_NEWER, PORT_IN_USE. */
export async function startMailweave(config: Config, log: Log): Promise<Mailweave> {
  const house = new AsyncDisposableStack()
  try {
    return await build(config, log, house)
  } catch (error) {
    await house.disposeAsync()
    throw error
  }
}

/** What is opened tells `house` how it is closed; the closing goes the other way round. */
async function build(config: Config, log: Log, house: AsyncDisposableStack): Promise<Mailweave> {
  const clock = systemClock
  const events = makeEventStream()
  const data = path.resolve(config.data)
  await mkdir(data, { recursive: true, mode: 0o700 })
  const store = await openSqliteStore(data, { clock, log })
  house.defer(() => store.close())
  const token = await openToken(data, config.token)
  const secrets = await openSecrets(data, process.env['MAILWEAVE_KEY'])
  const drafts = await openDrafts({ folder: path.resolve(config.flows), events, clock, log })
  house.defer(drafts.stop)
  const sandboxPorts = new Set<number>()
  const policy = makeHostPolicy({ loopbackBound: isLoopback(config.host), allowed: listed(config.allowHosts), ownPorts: sandboxPorts })
  const oauth = makeOAuthClient({ fetch: makePolicyFetch({ policy }), clock })
  const registry = makeRegistry({ store, secrets, drafts, events, clock, oauth })
  const signIns = makeSignIns({ registry, client: oauth, clock, log })
  house.defer(() => { signIns.stop() })
  const adapter = mailboxAdapter({ policy, clock, log })
  const visits = makeVisits(adapter, registry.account, store.blobs)
  const senders = makeSenders(registry.account, (account) => makeSender(account, { policy, log, clock }))
  const computer = makeComputer({ log })
  house.defer(() => computer.close())
  const pool = makeVisitPool({ adapter, account: registry.account, clock })
  const sentMail = makeSentMail({ pool, folders: visits.folders })
  const act = makeMailboxActions({ pool, computer, spool: store.blobs })
  const engine = makeEngine({ store, computer, events, clock, log, random: Math.random, sender: senders.of, isInFolder: sentMail.isInFolder, putCopy: sentMail.put, act, rewrite: (raw, words, copy) => rewriteMail(raw, words, copy, store.blobs) })
  const scheduler = makeScheduler({ store, engine, adapter, account: registry.account, events, clock, log, random: Math.random })
  const deployer = makeDeployer({ store, drafts, connections: registry.list, events, clock })
  house.defer(events.subscribe((event) => {
    if (event.type === 'flow.deployed') engine.repace(event.flow, event.version)
    if (event.type !== 'connection.saved') return
    senders.renew(event.connection)
    pool.renew(connectionId(event.connection))
    sentMail.renew(connectionId(event.connection))
    engine.reopen(connectionId(event.connection))
  }))

  const sandbox = config.sandbox ? await (await import('./sandbox/sandbox.ts')).startSandbox(clock) : null
  if (sandbox) house.defer(sandbox.stop)
  for (const connection of sandbox?.connections ?? []) {
    sandboxPorts.add(connection.port)
    await registry.putSandbox(connection)
  }

  const replay: ApiDeps['engine']['replay'] = async (run: RunId) => {
    const known = await store.run(run)
    if (!known) throw fault('RUN_NOT_FOUND', { id: run })
    const versions = await store.flowVersions(known.flow)
    const made = await store.replay(run, Math.max(known.version, ...versions.map((version) => version.version)), clock.now())
    engine.wake()
    return made
  }
  if (config.keepDays > 0) house.defer(pruneDaily(store, clock, log, config.keepDays))
  let isReady = false
  const api = await startApi({
    config: { host: config.host, port: config.port, names: listed(config.names), version: await versionOf(), editorFolder: path.join(root, 'editor', 'dist') },
    tokens: [fullAccess(token)], store, registry, signIns, drafts, computer, events, clock, log, sandbox,
    engine: {
      deploy: deployer.deploy, stop: deployer.stop, resume: deployer.resume, trust: (flow, version) => engine.trust(flow, version), decide: engine.decide, edit: engine.edit, replay, statusOf: engine.statusOf, reopen: (connection) => { engine.reopen(connection) },
      tryFlow: async (flow, raw, facts, start) => {
        const checked = await checkFlowFully(flow, { connections: namedConnections(flow) })
        if (!checked.flow) throw fault('FLOW_HAS_PROBLEMS', { problems: checked.problems.map((problem) => problem.advice).join('; ') })
        return tryFlow(computer, { flow: checked.flow, raw, facts, start, at: clock.now(), ours: await ourAddresses(checked.flow, facts.connection, store), ask: (request) => act(request, '', true), spool: { folder: store.blobs.scratchFolder, inlineLimit: store.blobs.inlineLimit } })
      },
    },
    mailboxes: scheduler.status, care: scheduler,
    checkConnection: async (account) => (await import('./mail/check.ts')).checkConnection(account, {
      policy, clock, log, mailboxes: adapter,
      senders: async () => (await drafts.list()).flatMap(({ flow }) => (flow ? typedSenders(flow) : [])).filter(({ connection }) => connection === account.id).map(({ address }) => address),
    }),
    // Rarely needed, and it brings an XML parser with it.
    detectSettings: async (address) => (await import('./connections/autodetect.ts')).detectSettings(address, { policy, clock, log }),
    checkDelivery: async (flow) => (await import('./connections/deliverability.ts')).checkDelivery(flow, {
      clock,
      signsAs: async (id) => {
        const known = (await registry.list()).find((one) => one.id === id)
        return known === undefined || known.sandbox ? null : { user: known.user, dkim: known.dkim && known.dkimRecord ? { domain: known.dkim.domain, record: known.dkimRecord } : null }
      },
    }),
    folders: visits.folders, messages: visits.messages,
    countStart: (asked) => visits.inside(connectionId(asked.config.connection), asked.config.folder, (mailbox) => countStart(asked, mailbox, store, clock.now())),
    sample: (flow) => findSample(flow, { store, drafts, visits, sandbox }),
    ready: () => isReady,
  })
  house.defer(api.stop)

  // Together: a server that never answers is left after its time, and what was certainly not sent is written down so.
  house.defer(async () => { await Promise.all([engine.stop(), senders.close(), pool.close()]) })
  await engine.start()
  house.defer(scheduler.stop)
  await scheduler.start()
  if (sandbox) await deployTour(store, deployer, log)
  isReady = true

  return {
    url: api.url,
    signIn: `${api.url}/sign-in#${token}`,
    stop: () => {
      isReady = false
      return house.disposeAsync()
    },
  }
}

/** The tour runs from the first start on; whoever stops it has stopped it for good. */
async function deployTour(store: { flowVersions: (id: ReturnType<typeof flowId>) => Promise<readonly unknown[]> }, deployer: { deploy: (id: ReturnType<typeof flowId>) => Promise<unknown> }, log: Log): Promise<void> {
  const tour = flowId('sandbox-tour')
  if ((await store.flowVersions(tour)).length > 0) return
  await deployer.deploy(tour).catch((error: unknown) => { log.info('sandbox.no-tour', { reason: String(error) }) })
}

async function versionOf(): Promise<string> {
  // Our own manifest, written by us.
  return (JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string }).version
}
