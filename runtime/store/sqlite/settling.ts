/** What is still to be done to mails on their server, after their runs have ended. */
import { connectionId, flowId, nodeId, runId } from '#shared/ids.ts'
import type { EndedState } from '#shared/run.ts'
import type { Settled, Store, Unsettled } from '../store.ts'
import { command, query } from './database.ts'
import { mailIdOf } from './keys.ts'
import type { Parts } from './parts.ts'

interface UnsettledRow {
  readonly run: string; readonly connection: string; readonly folder: string; readonly flow: string; readonly version: number
  readonly first_uid: number | string; readonly first_validity: string; readonly uid_here: number | string | null; readonly taken: 0 | 1
  readonly trigger_node: string; readonly state: EndedState; readonly finished_at: string; readonly settle_tries: number
}

export function makeSettling({ db, write, keys }: Parts): Pick<Store, 'unsettled' | 'recordSettled' | 'unsettledMailboxes'> {
  // A folder has one key for each UIDVALIDITY it ever had.
  const mailboxes = query<{ key: number }>(db, 'SELECT key FROM mailbox WHERE connection = ? AND folder = ? ORDER BY key')
  // `here`: the mailbox as it is now; a mail has another name in it when its folder was rebuilt or its first name went to another mail.
  const due = query<UnsettledRow>(db, `SELECT run.id AS run, mailbox.connection, mailbox.folder, mail.uid AS first_uid, mailbox.uid_validity AS first_validity, alias.uid AS uid_here,
      EXISTS (SELECT 1 FROM alias AS taken WHERE taken.mailbox = mail.mailbox AND taken.uid = mail.uid AND taken.mail <> mail.key) AS taken,
      flow.id AS flow, version, trigger_node, state, finished_at, settle_tries
    FROM run JOIN mail ON mail.key = run.mail JOIN mailbox ON mailbox.key = run.mailbox JOIN flow ON flow.key = run.flow
    LEFT JOIN alias ON alias.mail = run.mail AND alias.mailbox = :here
    WHERE run.mailbox = :mailbox AND settle = 'pending' AND finished_at IS NOT NULL AND settle_due_at <= :now ORDER BY settle_due_at, run.key LIMIT :limit`)
  const owing = query<{ connection: string; folder: string }>(db, `SELECT DISTINCT connection, folder FROM mailbox WHERE connection IN (SELECT id FROM connection)
    AND (EXISTS (SELECT 1 FROM run WHERE run.mailbox = mailbox.key AND settle = 'pending' AND finished_at IS NOT NULL)
      OR key IN (SELECT mailbox FROM run WHERE settle = 'pending' AND finished_at IS NULL))`)
  const set = command(db, `UPDATE run SET settle = ?, settle_action = ?, settle_say = ?, settle_at = ?, settle_due_at = ?, settle_tries = settle_tries + 1 WHERE id = ?`)

  const record = ({ run, state, action, say, at, dueAt }: Settled): void => { set.run(state, action, say, at, dueAt ?? '', run) }

  return {
    unsettled: async (connection, folder, uidValidity, now, limit) => {
      const found: Unsettled[] = []
      const here = keys.knownMailbox(connection, folder, uidValidity)
      for (const { key } of mailboxes.all(connection, folder)) {
        if (found.length < limit) found.push(...due.named({ mailbox: key, here, now, limit: limit - found.length }).map((row) => unsettledOf(row, uidValidity)))
      }
      return found
    },
    recordSettled: (settled) => write(() => { for (const one of settled) record(one) }),
    unsettledMailboxes: async () => owing.all().map(({ connection, folder }) => ({ connection: connectionId(connection), folder })),
  }
}

const unsettledOf = (row: UnsettledRow, here: string): Unsettled => {
  const firstUid = String(row.first_uid)
  return {
    run: runId(row.run), mail: mailIdOf(row.connection, row.folder, row.first_validity, firstUid), flow: flowId(row.flow), version: row.version,
    uid: row.uid_here !== null ? String(row.uid_here) : row.taken === 1 ? '' : firstUid, uidValidity: row.uid_here === null ? row.first_validity : here,
    trigger: nodeId(row.trigger_node), state: row.state === 'failed' ? 'failed' : 'done', finishedAt: row.finished_at, tries: row.settle_tries,
  }
}
