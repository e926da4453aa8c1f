/**
 * Signing a connection in: through a browser and back, with a code typed elsewhere, or as the app itself. A sign-in that
 * was begun is known by a random state alone, which counts once, for some minutes, and for the connection as it was.
 */
import type { SignInStarted, SignInState } from '#shared/api.ts'
import { fault, problemOf, retryOf } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import { oauth as limits } from '../limits.ts'
import type { Log } from '../log.ts'
import { appOf, type BrowserStart, type DeviceStart, type OAuthApp, type OAuthClient, type Tokens } from './oauth-client.ts'
import type { OAuthHeld, Registry } from './registry.ts'
import { secretsFrom } from './tokens.ts'

export interface SignInParts { readonly registry: Pick<Registry, 'oauthOf' | 'putTokens'>; readonly client: OAuthClient; readonly clock: Clock; readonly log: Log }

/** Who began a sign-in, and whether they are still signed in here when it comes back. */
export interface Starter { readonly who: string; readonly isHere: () => Promise<boolean> }

export interface SignIns {
  /** CONNECTION_NOT_FOUND, CONNECTION_KIND, or what the sign-in server says. An earlier sign-in of the connection is forgotten. */
  start(id: string, redirectUri: string, starter: Starter): Promise<SignInStarted>
  /** The browser's way back. SIGN_IN_OVER for a state that is not, or no longer, waited for. */
  finish(answer: URLSearchParams): Promise<{ readonly connection: string; readonly name: string; readonly who: string }>
  /** How the last sign-in of the connection goes. */
  state(id: string): SignInState
  stop(): void
}

interface Begun { readonly held: OAuthHeld; readonly app: OAuthApp; readonly start: BrowserStart; readonly starter: Starter; readonly untilMs: number }

export function makeSignIns({ registry, client, clock, log }: SignInParts): SignIns {
  /** By state. */
  const begun = new Map<string, Begun>()
  const states = new Map<string, SignInState>()
  /** Calls off the polling for a device code, by connection. */
  const polling = new Map<string, () => void>()

  const note = (id: string, state: SignInState): void => {
    states.delete(id)
    states.set(id, state)
    if (states.size > limits.pending) states.delete(states.keys().next().value ?? '')
  }
  const forget = (id: string): void => {
    for (const [state, { held }] of begun) if (held.connection.id === id) begun.delete(state)
    polling.get(id)?.()
    polling.delete(id)
  }
  const keep = async ({ connection }: OAuthHeld, tokens: Tokens): Promise<void> => {
    if (!await registry.putTokens(connection, secretsFrom(tokens), 'signed-in')) throw fault('SIGN_IN_OVER')
    note(connection.id, { state: 'done', say: '' })
    log.info('connection.signed-in', { connection: connection.id })
  }
  const failed = (id: string, error: unknown): void => {
    const { code, say } = problemOf(error)
    note(id, { state: 'failed', say })
    log.info('connection.sign-in.failed', { connection: id, code })
  }

  async function byBrowser(held: OAuthHeld, app: OAuthApp, redirectUri: string, starter: Starter): Promise<SignInStarted> {
    const start = await client.begin(app, redirectUri)
    begun.set(start.state, { held, app, start, starter, untilMs: clock.steadyMs() + limits.signInMs })
    // The one begun first is forgotten first.
    if (begun.size > limits.pending) begun.delete(begun.keys().next().value ?? '')
    note(held.connection.id, { state: 'waiting', say: '' })
    return { kind: 'browser', url: start.url, redirectUri }
  }

  async function byDevice(held: OAuthHeld, app: OAuthApp): Promise<SignInStarted> {
    const device = await client.startDevice(app)
    note(held.connection.id, { state: 'waiting', say: '' })
    poll(held, app, device, clock.steadyMs() + Math.min(device.forMs, limits.deviceMs), device.everyMs)
    return { kind: 'device', code: device.userCode, url: device.url }
  }

  /** RFC 8628 section 3.4 and 3.5: as often as told, slower when told, slower too when nobody answers. */
  function poll(held: OAuthHeld, app: OAuthApp, device: DeviceStart, untilMs: number, everyMs: number): void {
    const { id } = held.connection
    const cancel = clock.after(everyMs, () => {
      ask().catch((error: unknown) => { if (polling.get(id) === cancel) failed(id, error) })
        .finally(() => { if (polling.get(id) === cancel) polling.delete(id) })
    })
    polling.set(id, cancel)
    const ask = async (): Promise<void> => {
      if (clock.steadyMs() >= untilMs) throw fault('SIGN_IN_OVER')
      const answer = await client.pollDevice(app, device.deviceCode).catch((error: unknown) => {
        if (retryOf(problemOf(error).code) === 'later') return 'no-answer' as const
        throw error
      })
      // Begun anew, or stopped, while the answer was on its way.
      if (polling.get(id) !== cancel) return
      if (answer === 'pending') poll(held, app, device, untilMs, everyMs)
      else if (answer === 'slow-down') poll(held, app, device, untilMs, everyMs + limits.slowDownMs)
      else if (answer === 'no-answer') poll(held, app, device, untilMs, everyMs * 2)
      else await keep(held, answer)
    }
  }

  return {
    start: async (id, redirectUri, starter) => {
      const held = await registry.oauthOf(id)
      const app = appOf(held.connection, held.secrets.clientSecret)
      forget(id)
      try {
        switch (app.oauth.grant) {
          case 'authorization-code': return await byBrowser(held, app, redirectUri, starter)
          case 'device-code': return await byDevice(held, app)
          case 'client-credentials':
            await keep(held, await client.ownToken(app))
            return { kind: 'done' }
        }
      } catch (error) {
        failed(id, error)
        throw error
      }
    },
    finish: async (answer) => {
      const found = begun.get(answer.get('state') ?? '')
      if (!found) throw fault('SIGN_IN_OVER')
      const { held, app, start, starter, untilMs } = found
      const { id, name } = held.connection
      // Before anything is awaited: whatever comes of it, this state has counted.
      begun.delete(start.state)
      try {
        if (clock.steadyMs() > untilMs || !await starter.isHere()) throw fault('SIGN_IN_OVER')
        await keep(held, await client.redeem(app, start, answer))
        return { connection: id, name, who: starter.who }
      } catch (error) {
        failed(id, error)
        throw error
      }
    },
    state: (id) => states.get(id) ?? { state: 'none', say: '' },
    stop: () => {
      begun.clear()
      for (const cancel of polling.values()) cancel()
      polling.clear()
    },
  }
}
