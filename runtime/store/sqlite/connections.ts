/** Connections as they are saved, sign-in sessions by the hash of their token, and who did what. */
import { usualLine, usualSending } from '#shared/connection.ts'
import type { Store, StoredConnection } from '../store.ts'
import { command, query } from './database.ts'
import type { Parts } from './parts.ts'

type Rooms = Pick<Store, 'connections' | 'connection' | 'putConnection' | 'deleteConnection' | 'putSession' | 'hasSession' | 'deleteSession' | 'audit'>

export function makeConnections({ db, write }: Parts): Rooms {
  const all = query<{ json: string }>(db, 'SELECT json FROM connection ORDER BY id')
  const one = query<{ json: string }>(db, 'SELECT json FROM connection WHERE id = ?')
  const put = command(db, 'INSERT INTO connection (id, json) VALUES (?, ?) ON CONFLICT DO UPDATE SET json = excluded.json')
  const remove = command(db, 'DELETE FROM connection WHERE id = ?')
  const session = query<{ hash: string }>(db, 'SELECT hash FROM session WHERE hash = ? AND expires_at > ?')
  const putSession = command(db, 'INSERT INTO session (hash, expires_at) VALUES (?, ?) ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at')
  const removeSession = command(db, 'DELETE FROM session WHERE hash = ?')
  const note = command(db, 'INSERT INTO audit (at, who, what, subject) VALUES (?, ?, ?, ?)')

  return {
    connections: async () => all.all().map(connectionOf),
    connection: async (id) => {
      const row = one.one(id)
      return row === undefined ? null : connectionOf(row)
    },
    putConnection: (connection) => write(() => { put.run(connection.id, JSON.stringify(connection)) }),
    deleteConnection: (id) => write(() => { remove.run(id) }),
    putSession: (hash, expiresAt) => write(() => { putSession.run(hash, expiresAt) }),
    hasSession: async (hash, now) => session.one(hash, now) !== undefined,
    deleteSession: (hash) => write(() => { removeSession.run(hash) }),
    audit: ({ at, who, what, subject }) => write(() => { note.run(at, who, what, subject) }),
  }
}

/** What connections saved by older versions lack. */
const later = { ...usualLine, ...usualSending, login: 'password', oauth: null, mailbox: '', signedInAt: null, sealedOAuth: '', dkim: null, sealedDkim: '' } as const
// Written by putConnection alone.
const connectionOf = ({ json }: { readonly json: string }): StoredConnection => ({ ...later, ...JSON.parse(json) as StoredConnection })
