/** The connections people have made: kept in the store with their passwords sealed; a password goes in and never comes out. */
import type { ConnectionView } from '#shared/api.ts'
import type { ConnectionInput } from '#shared/connection.ts'
import { fault } from '#shared/errors.ts'
import type { EventStream } from '#shared/events.ts'
import type { Flow } from '#shared/flow.ts'
import { readFlow } from '#shared/flow-check.ts'
import { namedConnections } from '#shared/flow-connections.ts'
import { connectionId } from '#shared/ids.ts'
import type { Clock } from '../clock.ts'
import type { Drafts } from '../drafts.ts'
import { makeInTurn } from '../in-turn.ts'
import type { Account } from '../mail/mailbox.ts'
import type { Store, StoredConnection } from '../store/store.ts'
import type { Owner, Secrets } from './secrets.ts'

export interface Registry {
  readonly list: () => Promise<readonly ConnectionView[]>
  /** CONNECTION_NOT_FOUND. */
  readonly get: (id: string) => Promise<ConnectionView>
  /** Makes or changes one. CONNECTION_PASSWORD_AGAIN when the server or its user changed and no password came along. */
  readonly put: (input: ConnectionInput) => Promise<ConnectionView>
  /** Makes or refreshes a connection of the sandbox, which people can use but not change; a person's own of that id stays as it is. */
  readonly putSandbox: (input: ConnectionInput) => Promise<void>
  /** CONNECTION_IN_USE while a flow names it. */
  readonly remove: (id: string) => Promise<void>
  /** With its password opened, for the mail adapters only. */
  readonly account: (id: string) => Promise<Account>
  /** The account an unsaved form describes; a saved password is only lent to the very server it was saved for. */
  readonly accountOf: (input: ConnectionInput) => Promise<Account>
  /** Seals every password under a fresh key and forgets the old ones. Returns how many were sealed. */
  readonly rotateKeys: () => Promise<{ readonly key: string; readonly sealed: number }>
}

export interface RegistryParts {
  readonly store: Store
  readonly secrets: Secrets
  readonly drafts: Pick<Drafts, 'list'>
  readonly events: EventStream
  readonly clock: Clock
}

export function makeRegistry({ store, secrets, drafts, events, clock }: RegistryParts): Registry {
  // One change at a time: a password typed while the keys rotate must not be overwritten by the old one sealed anew.
  const inTurn = makeInTurn()
  const stored = async (id: string): Promise<StoredConnection> => {
    const known = await store.connection(connectionId(id))
    if (!known) throw fault('CONNECTION_NOT_FOUND', { id })
    return known
  }
  const save = async (input: ConnectionInput, sandbox: boolean): Promise<void> => {
    const known = await store.connection(input.id)
    const now = clock.now()
    const { password: _, ...open } = input
    await store.putConnection({ ...open, sandbox, createdAt: known?.createdAt ?? now, updatedAt: now, sealed: sealedFor(input, known) })
    events.emit({ type: 'connection.saved', connection: input.id })
  }
  const sealedFor = (input: ConnectionInput, known: StoredConnection | null): string => {
    if (input.password !== undefined) return input.password === '' ? '' : secrets.seal(input.password, input)
    if (!known || known.sealed === '') return ''
    if (!sameServer(known, input)) throw fault('CONNECTION_PASSWORD_AGAIN', {}, 'password')
    return known.sealed
  }
  const opened = (sealed: string, owner: Owner): string => (sealed === '' ? '' : secrets.open(sealed, owner))

  return {
    list: async () => {
      const users = await usersOf(store, drafts)
      return (await store.connections()).map((connection) => viewOf(connection, users))
    },
    get: async (id) => viewOf(await stored(id), await usersOf(store, drafts)),
    put: (input) => inTurn(async () => {
      refuseSandbox(await store.connection(input.id))
      await save(input, false)
      return viewOf(await stored(input.id), await usersOf(store, drafts))
    }),
    putSandbox: (input) => inTurn(async () => {
      const known = await store.connection(input.id)
      if (known === null || known.sandbox) await save(input, true)
    }),
    remove: (id) => inTurn(async () => {
      const known = await stored(id)
      refuseSandbox(known)
      const users = (await usersOf(store, drafts)).get(id) ?? []
      if (users.length > 0) throw fault('CONNECTION_IN_USE', { flows: users.join(', ') })
      await store.deleteConnection(known.id)
      events.emit({ type: 'connection.deleted', connection: id })
    }),
    account: async (id) => {
      const known = await stored(id)
      return accountFrom(known, opened(known.sealed, known))
    },
    accountOf: async (input) => accountFrom(input, input.password ?? opened(sealedFor(input, await store.connection(input.id)), input)),
    rotateKeys: () => inTurn(async () => {
      const key = await secrets.rotate()
      const kept = (await store.connections()).filter((connection) => connection.sealed !== '')
      // A box that no longer opens is left as it is: its connection already asks for the password.
      const unreadable: string[] = []
      for (const connection of kept) {
        const password = openOrNull(secrets, connection)
        if (password === null) unreadable.push(connection.id)
        else await store.putConnection({ ...connection, sealed: secrets.seal(password, connection) })
      }
      if (unreadable.length === 0) await secrets.forgetOld()
      return { key, sealed: kept.length - unreadable.length }
    }),
  }
}

/** What the password was given for; anything else about a connection may change without typing it again. */
const sameServer = (known: StoredConnection, input: ConnectionInput): boolean =>
  (['kind', 'host', 'port', 'security', 'user'] as const).every((key) => known[key] === input[key])

const refuseSandbox = (known: StoredConnection | null): void => {
  if (known?.sandbox) throw fault('API_FORBIDDEN', { reason: 'this connection belongs to the sandbox' })
}

const openOrNull = (secrets: Secrets, connection: StoredConnection): string | null => {
  try {
    return secrets.open(connection.sealed, connection)
  } catch {
    return null
  }
}

function viewOf({ sealed, ...connection }: StoredConnection, users: ReadonlyMap<string, readonly string[]>): ConnectionView {
  return { ...connection, hasPassword: sealed !== '', usedBy: users.get(connection.id) ?? [] }
}

const accountFrom = (from: Omit<Account, 'password'>, password: string): Account => ({
  id: from.id, kind: from.kind, host: from.host, port: from.port, security: from.security, user: from.user, password,
  certificate: from.certificate, trustedServers: from.trustedServers, maxConnections: from.maxConnections,
})

/** Connection id → ids of the flows that name it, in their draft or in the version that runs. */
async function usersOf(store: Store, drafts: Pick<Drafts, 'list'>): Promise<ReadonlyMap<string, readonly string[]>> {
  const users = new Map<string, Set<string>>()
  const note = (flow: string, nodes: Flow['nodes']): void => {
    for (const { id } of namedConnections({ nodes })) users.set(id, (users.get(id) ?? new Set()).add(flow))
  }
  for (const draft of await drafts.list()) note(draft.id, draft.flow?.nodes ?? [])
  for (const version of await store.runningFlows()) note(version.flow, readFlow(version.json).flow?.nodes ?? [])
  return new Map([...users].map(([connection, flows]) => [connection, [...flows].toSorted()]))
}
