/** Named people by the hash of their token, and the connections that are not shared with everyone. */
import type { Sharing } from '#shared/people.ts'
import type { Person } from '../people-kept.ts'
import type { Store } from '../store.ts'
import { command, query } from './database.ts'
import type { Parts } from './parts.ts'

type Row = { name: string; hash: string; rights: string; added_at: string }

export function makePeople({ db, write }: Parts): Pick<Store, 'people' | 'addPerson' | 'changePerson' | 'removePerson' | 'sharings' | 'putSharing'> {
  const all = query<Row>(db, 'SELECT name, hash, rights, added_at FROM person ORDER BY name')
  const add = command(db, 'INSERT INTO person (name, hash, rights, added_at) VALUES (?, ?, ?, ?)')
  const change = command(db, 'UPDATE person SET rights = ? WHERE name = ?')
  const remove = command(db, 'DELETE FROM person WHERE name = ?')
  const restricted = query<{ connection: string; who: string }>(db, 'SELECT connection, who FROM sharing')
  const restrict = command(db, 'INSERT INTO sharing (connection, who) VALUES (?, ?) ON CONFLICT DO UPDATE SET who = excluded.who')
  const open = command(db, 'DELETE FROM sharing WHERE connection = ?')

  return {
    people: async () => all.all().map(personOf),
    addPerson: ({ name, hash, rights, addedAt }) => write(() => { add.run(name, hash, JSON.stringify(rights), addedAt) }),
    changePerson: (name, rights) => write(() => { change.run(JSON.stringify(rights), name) }),
    removePerson: (name) => write(() => { remove.run(name) }),
    // Written by putSharing alone.
    sharings: async () => new Map(restricted.all().map(({ connection, who }) => [connection, JSON.parse(who) as Sharing])),
    putSharing: (connection, sharing) => write(() => {
      if (sharing === 'everyone') open.run(connection)
      else restrict.run(connection, JSON.stringify(sharing))
    }),
  }
}

// Written by addPerson and changePerson alone.
const personOf = ({ name, hash, rights, added_at: addedAt }: Row): Person => ({ name, hash, rights: JSON.parse(rights) as Person['rights'], addedAt })
