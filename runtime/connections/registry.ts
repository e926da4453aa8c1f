/** The connections people have made: kept in the store with their passwords sealed; a password goes in and never comes out. */
import type { ConnectionView } from '#shared/api.ts'
import type { ConnectionInput } from '#shared/connection.ts'
import { fault } from '#shared/errors.ts'
import type { EventStream } from '#shared/events.ts'
import type { Flow } from '#shared/flow.ts'
import { readFlow } from '#shared/flow-check.ts'
import { namedConnections } from '#shared/flow-connections.ts'
import { connectionId } from '#shared/ids.ts'
import type { OAuth } from '#shared/oauth.ts'
import type { Sharing } from '#shared/people.ts'
import type { Clock } from '../clock.ts'
import type { Drafts } from '../drafts.ts'
import { makeInTurn } from '../in-turn.ts'
import type { DkimSigner } from '../mail/dkim/key.ts'
import type { Account, TokenSource } from '../mail/mailbox.ts'
import { usableCiphers } from '../mail/trust.ts'
import type { Store, StoredConnection } from '../store/store.ts'
import { noSecrets, openOAuth, sameApp, sameSignIn, sealOAuth, type OAuthBearing, type OAuthSecrets } from './oauth-box.ts'
import type { OAuthClient } from './oauth-client.ts'
import { openDkim, recordOf, sealDkim, sealDkimAnew } from './dkim-box.ts'
import type { Owner, Secrets } from './secrets.ts'
import { makeTokens } from './tokens.ts'

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
  /** A connection with login `oauth2` and what it keeps for it. CONNECTION_NOT_FOUND, CONNECTION_KIND. */
  readonly oauthOf: (id: string) => Promise<OAuthHeld>
  /** Saves tokens for the app and user they were asked for; false when the connection was changed meanwhile, and then nothing is saved. */
  readonly putTokens: (askedFor: StoredConnection, tokens: Partial<OAuthSecrets>, what: 'signed-in' | 'renewed' | 'lost') => Promise<boolean>
  /** Nothing is shared with this person any more. */
  readonly unshare: (name: string) => Promise<void>
  /** Seals every password under a fresh key and forgets the old ones. Returns how many were sealed. */
  readonly rotateKeys: () => Promise<{ readonly key: string; readonly sealed: number }>
}

export interface OAuthHeld { readonly connection: StoredConnection & { readonly oauth: OAuth }; readonly secrets: OAuthSecrets }

export interface RegistryParts {
  readonly store: Store
  readonly secrets: Secrets
  readonly drafts: Pick<Drafts, 'list'>
  readonly events: EventStream
  readonly clock: Clock
  readonly oauth: OAuthClient
}

export function makeRegistry({ store, secrets, drafts, events, clock, oauth: client }: RegistryParts): Registry {
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
    if (input.login === 'oauth2' && input.oauth === null) throw fault('API_BAD_REQUEST', { reason: 'oauth: say where the tokens come from' }, 'oauth')
    const { password: _, clientSecret: __, dkimKey: ___, sharing, ...open } = input
    const record: StoredConnection = { ...open, sandbox, createdAt: known?.createdAt ?? now, updatedAt: now, sealed: sealedFor(input, known), ...oauthFor(input, known), sealedDkim: sealDkim(secrets, input, known) }
    // First: a crash between the two must not leave it open to all.
    if (sharing !== undefined) await store.putSharing(input.id, sharing)
    await store.putConnection(record)
    events.emit({ type: 'connection.saved', connection: input.id })
  }
  const sealedFor = (input: ConnectionInput, known: StoredConnection | null): string => {
    // A password that is no longer used is not kept.
    if (input.login !== 'password') return ''
    if (input.password !== undefined) return input.password === '' ? '' : secrets.seal(input.password, input)
    if (!known || known.sealed === '') return ''
    if (!sameServer(known, input)) throw fault('CONNECTION_PASSWORD_AGAIN', {}, 'password')
    return known.sealed
  }
  const oauthFor = (input: ConnectionInput, known: StoredConnection | null): Pick<StoredConnection, 'sealedOAuth' | 'signedInAt'> => {
    if (input.login !== 'oauth2') return { sealedOAuth: '', signedInAt: null }
    const held = heldFor(input, known)
    return { sealedOAuth: sealOAuth(secrets, held, input), signedInAt: holdsTokens(held) ? known?.signedInAt ?? null : null }
  }
  /** Another server or app asks for the client secret again; another user or scope only for a new sign-in. */
  const heldFor = (input: ConnectionInput, known: StoredConnection | null): OAuthSecrets => {
    const held = known === null || known.sealedOAuth === '' ? noSecrets : openOAuth(secrets, known.sealedOAuth, known)
    const same = known !== null && sameSignIn(known, input) && (input.clientSecret === undefined || input.clientSecret === held.clientSecret)
    if (same) return held
    if (input.clientSecret !== undefined) return { ...noSecrets, clientSecret: input.clientSecret }
    if (known !== null && held.clientSecret !== '' && !sameApp(known, input)) throw fault('CONNECTION_SECRET_AGAIN', {}, 'clientSecret')
    return { ...noSecrets, clientSecret: held.clientSecret }
  }
  const demandNames = async ({ sharing }: ConnectionInput): Promise<void> => {
    if (sharing === undefined || typeof sharing === 'string') return
    const names = (await store.people()).map(({ name }) => name)
    const unknown = sharing.find((name) => !names.includes(name))
    if (unknown !== undefined) throw fault('PERSON_NOT_FOUND', { name: unknown }, 'sharing')
  }
  const viewer = async (): Promise<(connection: StoredConnection) => ConnectionView> => {
    const [users, sharings] = await Promise.all([usersOf(store, drafts), store.sharings()])
    return (connection) => viewOf(secrets, connection, users, sharings)
  }
  const viewStored = async (id: string): Promise<ConnectionView> => {
    const connection = await stored(id)
    return (await viewer())(connection)
  }
  const opened = (sealed: string, owner: Owner): string => (sealed === '' ? '' : secrets.open(sealed, owner))
  const tokens = makeTokens({ client, clock, held: (id) => oauthOf(id), save: (askedFor, fresh, what) => putTokens(askedFor, fresh, what) })
  const oauthOf = async (id: string): Promise<OAuthHeld> => {
    const connection = await stored(id)
    const { login, oauth } = connection
    if (login !== 'oauth2' || oauth === null) throw fault('CONNECTION_KIND', { id, reason: 'it does not sign in with OAuth2' })
    return { connection: { ...connection, oauth }, secrets: openOAuth(secrets, connection.sealedOAuth, connection) }
  }
  const putTokens: Registry['putTokens'] = (askedFor, fresh, what) => inTurn(async () => {
    const known = await store.connection(askedFor.id)
    if (known?.login !== 'oauth2' || !sameSignIn(known, { ...askedFor })) return false
    const held = openOAuth(secrets, known.sealedOAuth, known)
    const signedInAt = what === 'signed-in' ? clock.now() : what === 'lost' ? null : known.signedInAt
    await store.putConnection({ ...known, signedInAt, sealedOAuth: sealOAuth(secrets, { ...held, ...fresh }, known) })
    // A renewed token changes nothing for those who are connected; the other two do.
    if (what !== 'renewed') events.emit({ type: 'connection.saved', connection: known.id })
    return true
  })

  return {
    list: async () => (await store.connections()).map(await viewer()),
    get: viewStored,
    put: (input) => inTurn(async () => {
      refuseSandbox(await store.connection(input.id))
      usableCiphers(input)
      await demandNames(input)
      await save(input, false)
      return viewStored(input.id)
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
      return accountFrom(known, opened(known.sealed, known), known.login === 'oauth2' ? tokens.sourceOf(known.id) : null, openDkim(secrets, known))
    },
    accountOf: async (input) => {
      const known = await store.connection(input.id)
      const dkim = openDkim(secrets, { ...input, sealedDkim: sealDkim(secrets, input, known) })
      if (input.login !== 'oauth2') return accountFrom(input, input.password ?? opened(sealedFor(input, known), input), null, dkim)
      // Tokens are only lent to the very server and app they were given for.
      const held = heldFor(input, known)
      if (holdsTokens(held)) return accountFrom(input, '', tokens.sourceOf(input.id), dkim)
      if (input.oauth?.grant !== 'client-credentials') throw fault('SIGN_IN_AGAIN', { user: input.user })
      return accountFrom(input, '', tokens.trial(input, held.clientSecret), dkim)
    },
    oauthOf, putTokens,
    unshare: (name) => inTurn(async () => {
      for (const [connection, sharing] of await store.sharings()) {
        if (typeof sharing !== 'string' && sharing.includes(name)) await store.putSharing(connection, sharing.filter((one) => one !== name))
      }
    }),
    rotateKeys: () => inTurn(async () => {
      const key = await secrets.rotate()
      const kept = (await store.connections()).filter((connection) => connection.sealed !== '' || connection.sealedOAuth !== '' || connection.sealedDkim !== '')
      // A box that no longer opens is left as it is: its connection already asks for the password.
      const unreadable: string[] = []
      for (const connection of kept) {
        const boxes = sealAnew(secrets, connection)
        if (boxes === null) unreadable.push(connection.id)
        else await store.putConnection({ ...connection, ...boxes })
      }
      if (unreadable.length === 0) await secrets.forgetOld()
      return { key, sealed: kept.length - unreadable.length }
    }),
  }
}

/** What the password was given for; anything else about a connection may change without typing it again. */
const sameServer = (known: StoredConnection, input: ConnectionInput): boolean =>
  (['kind', 'host', 'port', 'security', 'user'] as const).every((key) => known[key] === input[key])

const holdsTokens = ({ accessToken, refreshToken }: OAuthSecrets): boolean => accessToken !== '' || refreshToken !== ''

const refuseSandbox = (known: StoredConnection | null): void => {
  if (known?.sandbox) throw fault('API_FORBIDDEN', { reason: 'this connection belongs to the sandbox' })
}

/** null when a box no longer opens. */
const sealAnew = (secrets: Secrets, connection: StoredConnection): Pick<StoredConnection, 'sealed' | 'sealedOAuth' | 'sealedDkim'> | null => {
  const { sealed, sealedOAuth } = connection
  try {
    return {
      sealed: sealed === '' ? '' : secrets.seal(secrets.open(sealed, connection), connection),
      sealedOAuth: sealOAuth(secrets, openOAuth(secrets, sealedOAuth, connection), connection),
      sealedDkim: sealDkimAnew(secrets, connection),
    }
  } catch {
    return null
  }
}

function viewOf(secrets: Secrets, { sealed, sealedOAuth, sealedDkim, ...connection }: StoredConnection, users: ReadonlyMap<string, readonly string[]>, sharings: ReadonlyMap<string, Sharing>): ConnectionView {
  return { ...connection, hasPassword: sealed !== '', hasClientSecret: holdsClientSecret(secrets, sealedOAuth, connection), dkimRecord: recordOf(secrets, { ...connection, sealedDkim }), sharing: sharings.get(connection.id) ?? 'everyone', usedBy: users.get(connection.id) ?? [] }
}

const holdsClientSecret = (secrets: Secrets, sealed: string, owner: OAuthBearing): boolean => {
  try {
    return openOAuth(secrets, sealed, owner).clientSecret !== ''
  } catch {
    // Unreadable: it must be typed again.
    return false
  }
}

const accountFrom = (from: Omit<Account, 'password' | 'tokens' | 'dkim'>, password: string, tokens: TokenSource | null, dkim: DkimSigner | null): Account => ({
  id: from.id, kind: from.kind, host: from.host, port: from.port, security: from.security,
  login: from.login, user: from.user, mailbox: from.mailbox, password, tokens,
  certificate: from.certificate, trustedServers: from.trustedServers, pinned: from.pinned, checkHostName: from.checkHostName,
  minTls: from.minTls, ciphers: from.ciphers, timeoutSeconds: from.timeoutSeconds, maxConnections: from.maxConnections, mailsPerConnection: from.mailsPerConnection, limits: from.limits, dkim,
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
