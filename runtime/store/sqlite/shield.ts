/** What the blast shield keeps: flows that stopped themselves, mails that wait for a person, and what was sent of late. */
import { flowId, runId, sendId } from '#shared/ids.ts'
import type { Store } from '../store.ts'
import { command, query } from './database.ts'
import { recipientsOf } from './outbox.ts'
import type { Parts } from './parts.ts'
import { problemOfText } from './steps.ts'

type Rooms = Pick<Store, 'pauseFlow' | 'flowPauses' | 'heldSends' | 'approvalsOf' | 'trustVersion' | 'sentLately'>

/** A mail that comes back from a pause of its mailbox is computed after others that were queued later. */
const slackMs = 3600_000

export function makeShieldRooms({ db, write, keys }: Parts): Rooms {
  const stop = command(db, 'UPDATE flow SET running = 0, changed_at = ? WHERE key = ?')
  const pause = command(db, 'INSERT INTO flow_pause (flow, at, problem) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const pauses = query<{ id: string; at: string; problem: string }>(db, 'SELECT flow.id, at, problem FROM flow_pause JOIN flow ON flow.key = flow_pause.flow')
  // `state <> 'sent'`: see outbox.ts, the index of open rows.
  const held = query<{ id: string; run: string }>(db, `SELECT outbox.id, run.id AS run FROM outbox JOIN run ON run.key = outbox.run
    WHERE outbox.state = 'held' AND outbox.state <> 'sent' AND run.flow = ? ORDER BY outbox.key`)
  const approvals = query<{ mails: number; trusted: number }>(db, 'SELECT mails, trusted FROM approval WHERE flow = ? AND version = ?')
  const trust = command(db, 'INSERT INTO approval (flow, version, mails, trusted) VALUES (?, ?, 0, 1) ON CONFLICT DO UPDATE SET trusted = 1')
  const changed = query<{ at: string }>(db, 'SELECT changed_at AS at FROM flow WHERE key = ?')
  const newest = query<{ recipients: string; created_at: string }>(db, `SELECT recipients, created_at FROM run JOIN outbox ON outbox.run = run.key
    WHERE run.flow = ? ORDER BY run.key DESC LIMIT ?`)

  return {
    pauseFlow: ({ flow, at, problem }) => write(() => {
      const key = keys.flow(flow)
      stop.run(at, key)
      pause.run(key, at, JSON.stringify(problem))
    }),
    flowPauses: async () => pauses.all().flatMap(({ id, at, problem: text }) => {
      const problem = problemOfText(text)
      return problem === null ? [] : [{ flow: flowId(id), at, problem }]
    }),
    heldSends: async (flow) => {
      const key = keys.knownFlow(flow)
      return key === null ? [] : held.all(key).map(({ id, run }) => ({ send: sendId(id), run: runId(run) }))
    },
    approvalsOf: async (flow, version) => {
      const key = keys.knownFlow(flow)
      const row = key === null ? undefined : approvals.one(key, version)
      return { mails: row?.mails ?? 0, trusted: row?.trusted === 1 }
    },
    trustVersion: (flow, version) => write(() => { trust.run(keys.flow(flow), version) }),
    sentLately: async (flow, since, limit) => {
      const key = keys.knownFlow(flow)
      const from = [since, key === null ? '' : (changed.one(key)?.at ?? '')].reduce((a, b) => (a > b ? a : b))
      const over = new Date(Date.parse(from) - slackMs).toISOString()
      const found: { at: string; recipients: readonly string[] }[] = []
      for (const row of key === null ? [] : newest.each(key, limit)) {
        if (row.created_at < over) break
        if (row.created_at < from) continue
        // Held and discarded mails have not gone out.
        const recipients = recipientsOf(row.recipients).filter(({ state }) => state !== 'held')
        if (recipients.length > 0) found.push({ at: row.created_at, recipients: recipients.map(({ address }) => address) })
      }
      return found.reverse()
    },
  }
}
