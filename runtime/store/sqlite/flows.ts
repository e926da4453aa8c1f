/** Flows and their frozen versions; only the newest version of a flow can be the running one. */
import { type FlowId, flowId } from '#shared/ids.ts'
import type { FlowVersion, Store } from '../store.ts'
import { command, query } from './database.ts'
import type { Parts } from './parts.ts'

type FlowRooms = Pick<Store, 'deployFlow' | 'setFlowRunning' | 'runningFlows' | 'flowVersions' | 'flowVersion'>
interface VersionRow { readonly id: string; readonly version: number; readonly name: string; readonly json: string; readonly deployed_at: string; readonly runs: number }

const newest = '(SELECT max(version) FROM flow_version AS newer WHERE newer.flow = flow.key)'
const select = `SELECT flow.id, version, name, json, deployed_at, (flow.running AND version = ${newest}) AS runs
  FROM flow JOIN flow_version ON flow_version.flow = flow.key`

export function makeFlows({ db, write, keys }: Parts): FlowRooms {
  const insert = command(db, 'INSERT INTO flow_version (flow, version, name, json, deployed_at) VALUES (?, ?, ?, ?, ?)')
  const setRunning = command(db, 'UPDATE flow SET running = ?, changed_at = ? WHERE key = ?')
  const endPause = command(db, 'DELETE FROM flow_pause WHERE flow = ?')
  const last = query<{ version: number }>(db, 'SELECT coalesce(max(version), 0) AS version FROM flow_version WHERE flow = ?')
  const running = query<VersionRow>(db, `${select} WHERE runs ORDER BY flow.id`)
  const versions = query<VersionRow>(db, `${select} WHERE flow.id = ? ORDER BY version DESC`)
  const version = query<VersionRow>(db, `${select} WHERE flow.id = ? AND version = ?`)

  return {
    deployFlow: ({ flow, name, json, at }) => write(() => {
      const key = keys.flow(flow)
      const number = (last.one(key)?.version ?? 0) + 1
      insert.run(key, number, name, json, at)
      setRunning.run(1, at, key)
      endPause.run(key)
      return { flow, version: number, name, json, deployedAt: at, running: true }
    }),
    setFlowRunning: (flow: FlowId, on, at) => write(() => {
      const key = keys.flow(flow)
      setRunning.run(on ? 1 : 0, at, key)
      endPause.run(key)
    }),
    runningFlows: async () => running.all().map(versionOf),
    flowVersions: async (flow) => versions.all(flow).map(versionOf),
    flowVersion: async (flow, number) => {
      const row = version.one(flow, number)
      return row === undefined ? null : versionOf(row)
    },
  }
}

const versionOf = (row: VersionRow): FlowVersion =>
  ({ flow: flowId(row.id), version: row.version, name: row.name, json: row.json, deployedAt: row.deployed_at, running: row.runs === 1 })
