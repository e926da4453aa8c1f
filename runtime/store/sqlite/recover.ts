/** After a start: nothing stays in the hands of a process that is gone, and what it may have sent is said to be unknown. */
import { runId } from '#shared/ids.ts'
import type { Recipient, SendEvent } from '#shared/run.ts'
import type { Store } from '../store.ts'
import { command, query } from './database.ts'
import { appendEvent, recipientsOf } from './outbox.ts'
import type { Parts } from './parts.ts'
import { dueAtOf, stateOfRow } from './recipients.ts'

const stopped = 'The program stopped while this mail was being handed over, so it may or may not have been sent.'

export function makeRecover({ db, write, tally }: Parts): Pick<Store, 'recover'> {
  const sending = query<{ key: number; parked: number; recipients: string; history: string; connection: string; flow: number }>(db,
    `SELECT key, parked, recipients, history, connection, flow FROM outbox WHERE state IN ('sending', 'unknown') AND state <> 'sent' AND due_at IS NULL`)
  const setUnknown = command(db, 'UPDATE outbox SET state = ?, due_at = ?, parked = 0, recipients = ?, history = ? WHERE key = ?')
  // A run with rows was computed already; the engine looks at its sends. Without rows, a waiting one waits for a mailbox: it was in nobody's hands.
  const requeue = command(db, `UPDATE run SET state = 'queued', attempts = attempts + (state = 'running')
    WHERE state IN ('running', 'waiting') AND finished_at IS NULL AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.run = run.key)`)
  // Whose mails are held waits for a person and stays as it is.
  const closed = query<{ id: string }>(db, `SELECT id FROM run WHERE state IN ('running', 'waiting') AND finished_at IS NULL
    AND EXISTS (SELECT 1 FROM outbox WHERE outbox.run = run.key) AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.run = run.key AND due_at IS NOT NULL)
    AND NOT (state = 'waiting' AND EXISTS (SELECT 1 FROM outbox WHERE outbox.run = run.key AND outbox.state = 'held'))`)

  const markUnknown = (at: string): number => {
    const event: SendEvent = { at, what: 'unknown', say: stopped }
    let rows = 0
    for (const { key, recipients, history, connection, flow } of sending.all()) {
      const before = recipientsOf(recipients)
      if (!before.some((recipient) => recipient.state === 'sending')) continue
      const after = before.map((recipient): Recipient => (recipient.state === 'sending' ? { ...recipient, state: 'unknown', answer: stopped } : recipient))
      const state = stateOfRow(after)
      setUnknown.run(state, dueAtOf(after, false, null, at), JSON.stringify(after), appendEvent(history, event), key)
      tally.moveSend(stateOfRow(before), state)
      // The server may have it, so it counts for its limits.
      tally.hand(connection, flow, at, false)
      rows += 1
    }
    return rows
  }

  return {
    recover: (at) => write(() => {
      const unknownSends = markUnknown(at)
      const runs = Number(requeue.run().changes)
      return { runs, unknownSends, closed: closed.all().map(({ id }) => runId(id)) }
    }),
  }
}
