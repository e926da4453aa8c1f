/** What is still to be done to mails on their server, after their runs have ended. */
import { connectionId, flowId, nodeId, runId } from '#shared/ids.ts'
import type { Settled, Store, Unsettled } from '../store.ts'
import { command, query } from './database.ts'
import { mailIdOf } from './keys.ts'
import type { Parts } from './parts.ts'

interface UnsettledRow {
  readonly run: string; readonly connection: string; readonly folder: string; readonly uid: number | string; readonly uid_validity: string; readonly flow: string; readonly version: number
  readonly trigger_node: string; readonly state: 'done' | 'failed'; readonly finished_at: string; readonly settle_tries: number
}

export function makeSettling({ db, write }: Parts): Pick<Store, 'unsettled' | 'recordSettled' | 'unsettledMailboxes'> {
  // A folder has one key for each UIDVALIDITY it ever had.
  const mailboxes = query<{ key: number }>(db, 'SELECT key FROM mailbox WHERE connection = ? AND folder = ? ORDER BY key')
  const due = query<UnsettledRow>(db, `SELECT run.id AS run, connection, folder, uid, uid_validity, flow.id AS flow, version, trigger_node, state, finished_at, settle_tries
    FROM run JOIN mail ON mail.key = run.mail JOIN mailbox ON mailbox.key = run.mailbox JOIN flow ON flow.key = run.flow
    WHERE run.mailbox = ? AND settle = 'pending' AND finished_at IS NOT NULL AND settle_due_at <= ? ORDER BY settle_due_at, run.key LIMIT ?`)
  const owing = query<{ connection: string; folder: string }>(db, `SELECT DISTINCT connection, folder FROM mailbox WHERE connection IN (SELECT id FROM connection)
    AND (EXISTS (SELECT 1 FROM run WHERE run.mailbox = mailbox.key AND settle = 'pending' AND finished_at IS NOT NULL)
      OR key IN (SELECT mailbox FROM run WHERE settle = 'pending' AND finished_at IS NULL))`)
  const set = command(db, `UPDATE run SET settle = ?, settle_action = ?, settle_say = ?, settle_at = ?, settle_due_at = ?, settle_tries = settle_tries + 1 WHERE id = ?`)

  const record = ({ run, state, action, say, at, dueAt }: Settled): void => { set.run(state, action, say, at, dueAt ?? '', run) }

  return {
    unsettled: async (connection, folder, now, limit) => {
      const found: Unsettled[] = []
      for (const { key } of mailboxes.all(connection, folder)) {
        if (found.length < limit) found.push(...due.all(key, now, limit - found.length).map(unsettledOf))
      }
      return found
    },
    recordSettled: (settled) => write(() => { for (const one of settled) record(one) }),
    unsettledMailboxes: async () => owing.all().map(({ connection, folder }) => ({ connection: connectionId(connection), folder })),
  }
}

const unsettledOf = (row: UnsettledRow): Unsettled => ({
  run: runId(row.run), mail: mailIdOf(row.connection, row.folder, row.uid_validity, String(row.uid)), uid: String(row.uid), uidValidity: row.uid_validity, flow: flowId(row.flow), version: row.version,
  trigger: nodeId(row.trigger_node), state: row.state, finishedAt: row.finished_at, tries: row.settle_tries,
})
