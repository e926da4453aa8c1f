/** What people see and say of a watched mailbox: how much mail came when, and whether somebody paused it. */
import type { MailboxCounts } from '#shared/api.ts'
import type { Store } from '../store.ts'
import { command, query } from './database.ts'
import type { Parts } from './parts.ts'

const hourMs = 3600_000
const hoursOfDay = 24
const daysShown = 7
export const hourOf = (at: string): number => Math.floor(Date.parse(at) / hourMs)

export function makeMailboxCare({ db, write }: Parts): Pick<Store, 'pauses' | 'putPause' | 'dropPause' | 'mailboxCounts'> {
  const all = query<{ connection: string; folder: string; at: string; by: string }>(db, 'SELECT connection, folder, at, by FROM mailbox_pause')
  const put = command(db, 'INSERT INTO mailbox_pause (connection, folder, at, by) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const drop = command(db, 'DELETE FROM mailbox_pause WHERE connection = ? AND folder = ?')
  const since = query<{ hour: number; mails: number }>(db, 'SELECT hour, mails FROM mailbox_hour WHERE connection = ? AND folder = ? AND hour > ?')
  return {
    pauses: async () => all.all(),
    putPause: ({ connection, folder, at, by }) => write(() => { put.run(connection, folder, at, by) }),
    dropPause: (connection, folder) => write(() => { drop.run(connection, folder) }),
    mailboxCounts: async (connection, folder, now) => countsOf(since.all(connection, folder, hourOf(now) - daysShown * hoursOfDay), hourOf(now)),
  }
}

/** Oldest first; the hour that is running is the last one, and the last 24 hours are the last day. */
function countsOf(rows: readonly { readonly hour: number; readonly mails: number }[], last: number): MailboxCounts {
  const hours = Array.from({ length: hoursOfDay }, () => 0)
  const days = Array.from({ length: daysShown }, () => 0)
  for (const { hour, mails } of rows) {
    const ago = last - hour
    if (ago < 0) continue
    const day = daysShown - 1 - Math.floor(ago / hoursOfDay)
    days[day] = (days[day] ?? 0) + mails
    if (ago < hoursOfDay) hours[hoursOfDay - 1 - ago] = mails
  }
  return { hours, days }
}
