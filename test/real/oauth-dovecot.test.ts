/** Logging in to a real Dovecot with tokens of a real sign-in server, which Dovecot asks about each token; and into a shared mailbox. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '#runtime/clock.ts'
import { silentLog } from '#runtime/log.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { imapAdapter } from '#runtime/mail/imap/adapter.ts'
import type { Account } from '#runtime/mail/mailbox.ts'
import { pop3Adapter } from '#runtime/mail/pop3/adapter.ts'
import type { ConnectionInput } from '#shared/connection.ts'
import type { SignInStarted } from '#shared/api.ts'
import type { OAuth } from '#shared/oauth.ts'
import { apiWorld, inboxInput, type World } from '../api/world.ts'
import { accountOn } from '../contracts/mailbox-beds.ts'
import { letter } from '../contracts/mailbox.contract.ts'
import { dovecot, hasDovecot, type Dovecot } from '../servers/dovecot.ts'
import { oauthServer, type OAuthServer } from '../servers/oauth-server.ts'
import { until } from '../until.ts'

const deps = { policy: makeHostPolicy({ loopbackBound: true, allowed: [] }), clock: systemClock, log: silentLog }
const adapter = imapAdapter(deps)
const pop3 = pop3Adapter(deps)
const countOf = async (account: Account): Promise<number> => {
  const mailbox = await (account.kind === 'pop3' ? pop3 : adapter).open(account, 'INBOX', new AbortController().signal)
  try {
    return (await mailbox.peek(10)).total
  } finally {
    await mailbox.close()
  }
}

describe.skipIf(!hasDovecot())('Dovecot', () => {
  let oauth: OAuthServer
  let server: Dovecot
  beforeAll(async () => {
    oauth = await oauthServer()
    server = await dovecot({ introspectionUrl: oauth.introspectionUrl })
    for (const [user, mails] of [['u0', 1], ['u1', 2], ['shared', 3]] as const) {
      await server.addUser(user)
      for (let count = 0; count < mails; count += 1) await server.put(user, letter(`Mail ${count}`))
    }
  })
  afterAll(async () => {
    await server.stop()
    await oauth.stop()
  })

  const world = async (grant: OAuth['grant'], change: Partial<ConnectionInput> = {}): Promise<World> => {
    const made = await apiWorld()
    const body = inboxInput({ host: 'localhost', port: server.imaps, security: 'tls', certificate: server.ca, login: 'oauth2', user: 'u0', oauth: oauth.oauth(grant), clientSecret: oauth.clientSecret, ...change })
    expect((await made.ask('PUT', '/api/connections/support-inbox', { body })).status).toBe(200)
    return made
  }
  const begin = async (made: World): Promise<SignInStarted> => (await made.ask('POST', '/api/connections/support-inbox/sign-in')).body as SignInStarted

  test('[SE82] Dovecot takes the token it was told is good, whichever way it was got', async () => {
    const app = await world('client-credentials')
    expect(await begin(app)).toEqual({ kind: 'done' })
    expect(await countOf(await app.registry.account('support-inbox'))).toBe(1)

    const device = await world('device-code', { user: 'u1' })
    const started = await begin(device)
    if (started.kind !== 'device') throw new Error(started.kind)
    await oauth.typeCode(started.url, started.code, 'u1')
    device.clock.pass(5000)
    await until(async () => (await device.registry.get('support-inbox')).signedInAt !== null)
    expect(await countOf(await device.registry.account('support-inbox'))).toBe(2)

    const post = await world('client-credentials', { kind: 'pop3', port: server.pop3s })
    await begin(post)
    const account = await post.registry.account('support-inbox')
    expect(await countOf(account)).toBe(1)
    await expect(countOf({ ...account, user: 'u1' })).rejects.toMatchObject({ code: 'MAIL_TOKEN_REFUSED' })
  })

  test('[SE83] a token that Dovecot no longer takes is renewed and the login goes on; somebody else\'s token is refused in words', async () => {
    const app = await world('client-credentials')
    await begin(app)
    const account = await app.registry.account('support-inbox')
    if (account.tokens === null) throw new Error('no tokens')
    const { tokens } = account
    const stale = { current: () => Promise.resolve('stale'), renew: (refused: string) => { expect(refused).toBe('stale'); return tokens.current() } }
    expect(await countOf({ ...account, tokens: stale })).toBe(1)
    await expect(countOf({ ...account, user: 'u1' })).rejects.toMatchObject({ code: 'MAIL_TOKEN_REFUSED' })
  })

  test('[SE86] a shared mailbox is opened with the password of somebody who may', async () => {
    const account = accountOn(server, 'imap', { port: server.imaps, security: 'tls', user: 'boss', mailbox: 'shared' })
    expect(await countOf(account)).toBe(3)
    expect(await countOf({ ...account, kind: 'pop3', port: server.pop3s })).toBe(3)
    await expect(countOf({ ...account, user: 'u0' })).rejects.toMatchObject({ code: 'MAIL_LOGIN_REFUSED' })
  })
})
