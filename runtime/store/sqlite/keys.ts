/** Ids that follow from what they name, and the small integers that stand for flows and mailboxes inside the database. */
import { hash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { type ConnectionId, type FlowId, type MailId, mailId, type RunId, runId, type SendId } from '#shared/ids.ts'
import { eventValidity } from '#shared/mailbox-event.ts'
import type { RunStart } from '#shared/run.ts'
import { command, query } from './database.ts'

/** The same mail of the same mailbox has the same id on any machine. */
export const mailIdOf = (connection: string, folder: string, uidValidity: string, uid: string): MailId =>
  // NUL parts them: no folder name can carry one (RFC 3501 section 9, CHAR).
  mailId(hash('sha256', [connection, folder, uidValidity, uid].join('\0'), 'hex').slice(0, 32))

const runIdLength = 24
export const runIdOf = (mail: MailId, flow: FlowId, replay: number): RunId =>
  runId(hash('sha256', [mail, flow, replay].join('\0'), 'hex').slice(0, runIdLength))

/** An event lies in the ledger as a mail does, in a mailbox of its own. */
export const startOf = (uidValidity: string): RunStart => (uidValidity === eventValidity ? 'event' : 'mail')

/** Send ids begin with their run's id (store.ts), which saves the outbox an index in random order. */
export const runOfSend = (send: SendId): string => send.slice(0, runIdLength)

/** An IMAP UID as the integer it is, so that ranges of them can be asked for; a UIDL stays text. String() gives it back. */
export const uidColumn = (uid: string): number | string => (/^[1-9]\d{0,14}$/.test(uid) ? Number(uid) : uid)

export interface Keys {
  /** Made when missing; inside a write only. */
  readonly flow: (id: FlowId) => number
  readonly mailbox: (connection: ConnectionId, folder: string, uidValidity: string) => number
  readonly knownFlow: (id: FlowId) => number | null
  readonly knownMailbox: (connection: ConnectionId, folder: string, uidValidity: string) => number | null
  /** A rolled back transaction may have made keys that are gone now. */
  readonly forget: () => void
}

export function makeKeys(db: DatabaseSync): Keys {
  const insertFlow = command(db, 'INSERT INTO flow (id) VALUES (?)')
  const insertMailbox = command(db, 'INSERT INTO mailbox (connection, folder, uid_validity) VALUES (?, ?, ?)')
  const findFlow = query<{ key: number }>(db, 'SELECT key FROM flow WHERE id = ?')
  const findMailbox = query<{ key: number }>(db, 'SELECT key FROM mailbox WHERE connection = ? AND folder = ? AND uid_validity = ?')
  const flows = new Map<string, number>()
  const mailboxes = new Map<string, number>()

  const knownFlow = (id: FlowId): number | null => remember(flows, id, () => findFlow.one(id))
  const knownMailbox = (connection: ConnectionId, folder: string, uidValidity: string): number | null =>
    remember(mailboxes, [connection, folder, uidValidity].join('\0'), () => findMailbox.one(connection, folder, uidValidity))

  return {
    knownFlow,
    knownMailbox,
    flow: (id) => knownFlow(id) ?? Number(insertFlow.run(id).lastInsertRowid),
    mailbox: (connection, folder, uidValidity) =>
      knownMailbox(connection, folder, uidValidity) ?? Number(insertMailbox.run(connection, folder, uidValidity).lastInsertRowid),
    forget: () => { flows.clear(); mailboxes.clear() },
  }
}

function remember(known: Map<string, number>, name: string, find: () => { key: number } | undefined): number | null {
  const key = known.get(name) ?? find()?.key
  if (key === undefined) return null
  known.set(name, key)
  return key
}
