/** Mails under new names: a folder that was rebuilt or moved is compared with what the ledger knows, and its mails go on by their new UIDs. */
import { setImmediate as turn } from 'node:timers/promises'
import { ledger } from '#runtime/limits.ts'
import type { Fingerprint } from '#runtime/fingerprint.ts'
import type { Store } from '../store.ts'
import { command, query } from './database.ts'
import { uidColumn } from './keys.ts'
import type { Parts } from './parts.ts'

type Rooms = Pick<Store, 'nameMailbox' | 'recognise' | 'bindMails' | 'knownBytes'>
interface KnownRow { readonly key: number; readonly uid: number | string; readonly size: number; readonly received_at: string | null; readonly message_id: string; readonly now: number | string | null }

export function makeRebinding({ db, write, keys }: Parts): Rooms {
  const findServer = query<{ server: string }>(db, 'SELECT server FROM mailbox WHERE connection = ? AND folder = ? AND uid_validity = ?')
  const setServer = command(db, 'UPDATE mailbox SET server = ? WHERE key = ?')
  const columns = `mail.key, mail.size, received_at, message_id, (SELECT now.uid FROM alias AS now WHERE now.mail = mail.key AND now.mailbox = :to) AS now
    FROM mail JOIN run ON run.mail = mail.key AND run.flow = :flow AND run.replay = 0`
  const born = query<KnownRow>(db, `SELECT mail.uid, ${columns} WHERE mail.mailbox = :from AND mail.uid > :after AND sha256 <> '' ORDER BY mail.uid LIMIT :limit`)
  const renamed = query<KnownRow>(db, `SELECT alias.uid, ${columns} JOIN alias ON alias.mail = mail.key
    WHERE alias.mailbox = :from AND alias.uid > :after ORDER BY alias.uid LIMIT :limit`)
  const bind = command(db, 'INSERT OR IGNORE INTO alias (mailbox, uid, mail) SELECT ?, value ->> 0, value ->> 1 FROM json_each(?)')
  // A name that was given to another mail since stands for that one.
  const bytes = query<{ uid: number | string; size: number; sha256: string }>(db, `SELECT value AS uid, mail.size, mail.sha256 FROM json_each(:uids)
      JOIN mail ON mail.key = coalesce((SELECT mail FROM alias WHERE mailbox = :mailbox AND uid = value), (SELECT key FROM mail WHERE mailbox = :mailbox AND uid = value))
    UNION ALL SELECT uid, size, '' FROM passed WHERE mailbox = :mailbox AND flow = :flow AND uid IN (SELECT value FROM json_each(:uids))
      AND NOT EXISTS (SELECT 1 FROM alias WHERE alias.mailbox = :mailbox AND alias.uid = passed.uid)`)

  return {
    nameMailbox: async (connection, folder, server, uidValidity) => {
      const known = findServer.one(connection, folder, uidValidity)?.server
      if (known === server) return uidValidity
      const name = known === undefined || known === '' ? uidValidity : `${uidValidity}@${server}`
      await write(() => { setServer.run(server, keys.mailbox(connection, folder, name)) })
      return name
    },

    recognise: async (key, former, uidValidity, heads) => {
      const flow = keys.knownFlow(key.flow)
      const from = keys.knownMailbox(key.connection, key.folder, former)
      const to = keys.knownMailbox(key.connection, key.folder, uidValidity) ?? 0
      const find = finder(heads)
      const bound: [string, number][] = []
      let known = 0
      if (flow === null || from === null) return { known, bound }
      for (const rows of [born, renamed]) {
        for (let after: number | string = 0; ;) {
          const page = rows.named({ flow, from, to, after, limit: ledger.searchRows })
          for (const row of page) {
            known += 1
            const uid = find(row)
            if (uid !== null) bound.push([uid, row.key])
          }
          const last = page.at(-1)
          if (last === undefined || page.length < ledger.searchRows) break
          after = last.uid
          await turn()
        }
      }
      return { known, bound }
    },

    bindMails: (key, uidValidity, bound) => write(() => {
      bind.run(keys.mailbox(key.connection, key.folder, uidValidity), JSON.stringify(bound.map(([uid, mail]) => [uidColumn(uid), mail])))
    }),

    knownBytes: async (key, uidValidity, uids) => {
      const flow = keys.knownFlow(key.flow)
      const mailbox = keys.knownMailbox(key.connection, key.folder, uidValidity)
      const found = new Map<string, { readonly size: number; readonly sha256: string }>()
      if (flow === null || mailbox === null) return found
      for (let from = 0; from < uids.length; from += ledger.askedUids) {
        const part = uids.slice(from, from + ledger.askedUids).map(uidColumn)
        for (const { uid, size, sha256 } of bytes.named({ flow, mailbox, uids: JSON.stringify(part) })) found.set(String(uid), { size, sha256 })
        await turn()
      }
      return found
    },
  }
}

/**
 * Finds the head of a known mail, each head once. Message-ID, size and time of arrival are its signs: with a Message-ID
 * on both sides that one and another must agree (anybody may forge it, and a server may estimate sizes or lose times);
 * without, size and time.
 */
function finder(heads: readonly Fingerprint[]): (row: KnownRow) => string | null {
  const byId = Map.groupBy(heads.filter((head) => head.messageId !== ''), (head) => head.messageId)
  const byMark = Map.groupBy(heads, (head) => `${head.size} ${head.receivedAt}`)
  const byUid = new Set(heads.map((head) => head.uid))
  const taken = new Set<string>()
  const take = (among: readonly Fingerprint[] | undefined, fits: (head: Fingerprint) => boolean): string | null => {
    const head = among?.find((one) => !taken.has(one.uid) && fits(one))
    if (head === undefined) return null
    taken.add(head.uid)
    return head.uid
  }
  return (row) => {
    if (row.now !== null) return byUid.has(String(row.now)) ? String(row.now) : null
    const id = bare(row.message_id)
    const receivedAt = row.received_at ?? ''
    const byItsId = id === '' ? null : take(byId.get(id), (head) => head.size === row.size || (receivedAt !== '' && head.receivedAt === receivedAt))
    if (byItsId !== null || receivedAt === '') return byItsId
    return take(byMark.get(`${row.size} ${receivedAt}`), (head) => id === '' || head.messageId === '')
  }
}

const bare = (id: string): string => id.replace(/^<|>$/g, '')
