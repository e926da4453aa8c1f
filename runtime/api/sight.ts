/**
 * What somebody may see: of a connection that is not shared with them nothing, and of the runs of a flow that uses one only
 * that they happened. Looked up at each request, so that a change counts at once; with nothing restricted it costs one look.
 */
import type { FlowSummary } from '#shared/api.ts'
import { fault, type Problem } from '#shared/errors.ts'
import type { Flow } from '#shared/flow.ts'
import { readFlow } from '#shared/flow-check.ts'
import { namedConnections } from '#shared/flow-connections.ts'
import { flowId, type RunId, runId } from '#shared/ids.ts'
import { isSharedWith, type Sharing } from '#shared/people.ts'
import type { RunDetail, RunSummary, SendView } from '#shared/run.ts'
import { api } from '../limits.ts'
import type { SendGroup } from '../store/outbox-pages.ts'
import type { Store } from '../store/store.ts'
import type { Identity } from './session.ts'

type Origin = Pick<RunSummary, 'flow' | 'version'> & { readonly mail: Pick<RunSummary['mail'], 'connection'> }

export interface Sight {
  /** Nothing is hidden. */
  readonly all: boolean
  shows(connection: string): boolean
  /** CONNECTION_NOT_SHARED, with who can share it. */
  demand(connection: string): Promise<void>
  /** As demand, for each connection the flow names. */
  demandFlow(flow: Pick<Flow, 'nodes'>): Promise<void>
  demandRun(run: Origin): Promise<void>
  demandSend(send: SendView): Promise<void>
  /** Those that may not be read come without what is the mail's. */
  runs(runs: readonly RunSummary[]): Promise<readonly RunSummary[]>
  run(run: RunDetail): Promise<RunDetail>
  /** Without those that may not be read. */
  sends(sends: readonly SendView[]): Promise<readonly SendView[]>
  /** Whether rows of this kind may be read. */
  showsSend(group: Omit<SendGroup, 'rows'>): Promise<boolean>
  flows<F extends FlowSummary>(flows: readonly F[]): Promise<readonly F[]>
  /** For the check of a flow: which connections are there, and which of them this person may use. */
  mark<C extends { readonly id: string }>(connections: readonly C[]): readonly (C & { readonly shared: boolean })[]
}
export interface Sights { of(identity: Identity): Promise<Sight> }

export function makeSights(store: Pick<Store, 'sharings' | 'people' | 'flowVersion' | 'runSummaries'>): Sights {
  // A version never changes. null: written by a newer release, so nobody can tell what it uses.
  const named = new Map<string, readonly string[] | null>()
  const namedBy = async ({ flow, version }: Pick<Origin, 'flow' | 'version'>): Promise<readonly string[] | null> => {
    const key = `${flow} ${version}`
    const kept = named.get(key)
    if (kept !== undefined) return kept
    const found = await store.flowVersion(flow, version)
    const read = found === null ? { nodes: [] } : readFlow(found.json).flow
    const ids = read && namedConnections(read).map(({ id }) => id)
    if (named.size >= api.versionsKept) named.clear()
    named.set(key, ids)
    return ids
  }

  return {
    of: async ({ rights, who }) => {
      const restricted = rights.includes('admin') ? [] : [...await store.sharings()].filter(([, sharing]) => !isSharedWith(sharing, who))
      const hidden = new Map<string, Sharing>(restricted)
      const shows = (connection: string): boolean => !hidden.has(connection)
      const demand = async (connection: string): Promise<void> => {
        const sharing = hidden.get(connection)
        if (sharing === undefined) return
        const keepers = (await store.people()).filter((person) => person.rights.includes('secrets') && isSharedWith(sharing, person.name)).map(({ name }) => name)
        throw fault('CONNECTION_NOT_SHARED', { id: connection, who: ['The administrator', ...keepers].join(' or ') }, connection)
      }
      const isOpen = async (run: Origin): Promise<boolean> => hidden.size === 0 || (shows(run.mail.connection) && ((await namedBy(run))?.every(shows) ?? false))
      const openRuns = async (ids: readonly RunId[]): Promise<ReadonlySet<RunId>> => {
        const runs = await store.runSummaries([...new Set(ids)])
        const open = await Promise.all(runs.map(isOpen))
        return new Set(runs.filter((_, at) => open[at]).map(({ id }) => id))
      }
      const demandRun = async (run: Origin): Promise<void> => {
        if (await isOpen(run)) return
        for (const connection of [run.mail.connection, ...(await namedBy(run)) ?? []]) await demand(connection)
        throw fault('API_FORBIDDEN', { reason: 'which connections this run used can\'t be told any more' })
      }
      return {
        all: hidden.size === 0,
        shows, demand, demandRun,
        demandFlow: async ({ nodes }) => {
          for (const { id } of namedConnections({ nodes })) await demand(id)
          const hearsAll = nodes.some(({ kind, config }) => kind === 'mailbox-event' && config['mailboxes'] === 'all')
          if (hearsAll && hidden.size > 0) throw fault('API_FORBIDDEN', { reason: 'the flow hears of all mailboxes, and not all of them are shared with you; choose those it shall hear of' })
        },
        demandSend: async (send) => {
          await demand(send.connection)
          for (const run of await store.runSummaries([send.run])) await demandRun(run)
        },
        runs: async (runs) => Promise.all(runs.map(async (run) => (await isOpen(run) ? run : bareRun(run)))),
        // An edited copy may go through a connection that the flow never named.
        run: async (run) => (await isOpen(run) ? { ...run, sends: run.sends.filter(({ connection }) => shows(connection)) } : { ...run, ...bareRun(run), steps: [], sends: [], settle: { ...run.settle, action: '', say: '' } }),
        sends: async (sends) => {
          if (hidden.size === 0) return sends
          const open = await openRuns(sends.map(({ run }) => run))
          return sends.filter((send) => shows(send.connection) && open.has(send.run))
        },
        showsSend: async ({ flow, version, connection, source }) => shows(connection) && isOpen({ flow, version, mail: { connection: source } }),
        flows: async (flows) => {
          if (hidden.size === 0) return flows
          const open = await openRuns(flows.flatMap(({ lastProblem }) => (lastProblem ? [runId(lastProblem.run)] : [])))
          return Promise.all(flows.map(async (flow) => {
            const lastProblem = flow.lastProblem && !open.has(runId(flow.lastProblem.run)) ? { ...flow.lastProblem, say: withheld } : flow.lastProblem
            // It names people whom the flow wrote to.
            const tells = flow.paused === null || ((await namedBy({ flow: flowId(flow.id), version: flow.latest }))?.every(shows) ?? false)
            return { ...flow, lastProblem, paused: tells || flow.paused === null ? flow.paused : { ...flow.paused, problem: { ...flow.paused.problem, say: withheld, where: '' } } }
          }))
        },
        mark: (connections) => connections.map((connection) => ({ ...connection, shared: shows(connection.id) })),
      }
    },
  }
}

const withheld = 'What went wrong is told to those with whom the connection is shared.'
const bareProblem = (problem: Problem | null): Problem | null => problem && { code: problem.code, say: withheld, where: '' }
const bareRun = (run: RunSummary): RunSummary =>
  ({ ...run, hidden: true, mail: { ...run.mail, subject: '', from: '', folder: '', size: 0 }, problem: bareProblem(run.problem) })
