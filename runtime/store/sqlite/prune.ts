/** Frees the bytes of runs that ended long ago. Their rows stay for ever: they are what keeps a mail from running twice. */
import { ledger } from '#runtime/limits.ts'
import type { Store } from '../store.ts'
import { command, query } from './database.ts'
import type { Parts } from './parts.ts'
import { stepKey, stepsPerRun } from './steps.ts'
import { quarterOf } from './tally.ts'

/** Counts of the last 24 hours and of today are still asked for when everything until now is pruned: two days. */
const countedQuarters = 2 * 24 * 4
/** A mailbox shows a week. */
const countedHours = 8 * 24

export function makePrune({ db, write, blobs }: Parts): Pick<Store, 'prune'> {
  const newest = query<{ key: number | null }>(db, 'SELECT max(key) AS key FROM run')
  // What was refused or came back is kept, however old, until it went out or a person gave it up.
  const ended = query<{ key: number; mail: number }>(db, `SELECT key, mail FROM run WHERE key > ? AND key <= ? AND dropped = 0 AND finished_at < ?
    AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.run = run.key AND state IN ('refused', 'bounced'))`)
  const dropSteps = command(db, `UPDATE step SET output = '' WHERE key BETWEEN ? AND ?`)
  const dropRaws = command(db, 'DELETE FROM outbox_raw WHERE outbox IN (SELECT key FROM outbox WHERE run = ?)')
  const dropSends = command(db, `UPDATE outbox SET place = 'dropped' WHERE run = ?`)
  const dropMail = command(db, `UPDATE mail SET place = 'dropped', bytes = NULL
    WHERE key = ? AND NOT EXISTS (SELECT 1 FROM run WHERE run.mail = mail.key AND (finished_at IS NULL OR finished_at >= ?))`)
  const dropRun = command(db, 'UPDATE run SET dropped = 1 WHERE key = ?')
  const dropTally = command(db, 'DELETE FROM tally WHERE flow = ? AND quarter < ?')
  const dropHours = command(db, 'DELETE FROM mailbox_hour WHERE hour < ?')
  const dropSessions = command(db, 'DELETE FROM session WHERE expires_at < ?')
  const flows = query<{ key: number }>(db, 'SELECT key FROM flow')
  const mailFile = query<{ found: number }>(db, `SELECT 1 AS found FROM mail WHERE sha256 = ? AND place = 'file' LIMIT 1`)
  const fetchedFile = query<{ found: number }>(db, `SELECT 1 AS found FROM fetched WHERE sha256 = ? AND place = 'file' LIMIT 1`)
  const sendFile = query<{ found: number }>(db, `SELECT 1 AS found FROM outbox WHERE sha256 = ? AND place = 'file' LIMIT 1`)

  /** One stretch of runs in one transaction, small enough not to hold up the mails that run meanwhile. */
  const drop = (from: number, to: number, before: string): number => {
    const runs = ended.all(from, to, before)
    for (const { key, mail } of runs) {
      dropSteps.run(stepKey(key, 0), stepKey(key, stepsPerRun - 1))
      dropRaws.run(key)
      dropSends.run(key)
      dropMail.run(mail, before)
      dropRun.run(key)
    }
    return runs.length
  }

  return {
    prune: async (before) => {
      const last = newest.one()?.key ?? 0
      let dropped = 0
      for (let from = 0; from < last; from += ledger.pruneRows) dropped += await write(() => drop(from, from + ledger.pruneRows, before))
      await write(() => {
        dropSessions.run(before)
        dropHours.run(Math.floor(quarterOf(before) / 4) - countedHours)
        for (const { key } of flows.all()) dropTally.run(key, quarterOf(before) - countedQuarters)
      })
      blobs.sweep((sha256) => mailFile.one(sha256) !== undefined || sendFile.one(sha256) !== undefined || fetchedFile.one(sha256) !== undefined)
      return dropped
    },
  }
}
