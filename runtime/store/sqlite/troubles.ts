/** What flows were told of mailboxes' trouble: kept for the recovery, and counted for the hour, over restarts. */
import { eventValidity } from '#shared/mailbox-event.ts'
import type { Store, ToldTrouble } from '../store.ts'
import { command, query } from './database.ts'
import type { Parts } from './parts.ts'

interface Row { readonly connection: string; readonly folder: string; readonly facts: string; readonly knows: string }

export function makeTroubles({ db, write }: Parts): Pick<Store, 'troubles' | 'putTrouble' | 'dropTrouble' | 'eventsOf'> {
  const all = query<Row>(db, 'SELECT connection, folder, facts, knows FROM mailbox_trouble')
  const put = command(db, 'INSERT OR REPLACE INTO mailbox_trouble (connection, folder, facts, knows) VALUES (?, ?, ?, ?)')
  const drop = command(db, 'DELETE FROM mailbox_trouble WHERE connection = ? AND folder = ?')
  const events = query<{ connection: string; folder: string; uid: string }>(db, `SELECT connection, folder, uid FROM mail JOIN mailbox ON mailbox.key = mail.mailbox
    WHERE uid_validity = '${eventValidity}' AND uid LIKE '%.' || ?`)
  return {
    troubles: async () => all.all().map(({ connection, folder, facts, knows }): ToldTrouble => ({
      // Our own rows, written below.
      connection, folder, facts: JSON.parse(facts) as ToldTrouble['facts'], knows: JSON.parse(knows) as ToldTrouble['knows'],
    })),
    putTrouble: ({ connection, folder, facts, knows }) => write(() => { put.run(connection, folder, JSON.stringify(facts), JSON.stringify(knows)) }),
    dropTrouble: ({ connection, folder }) => write(() => { drop.run(connection, folder) }),
    eventsOf: async (hour) => events.all(hour),
  }
}
