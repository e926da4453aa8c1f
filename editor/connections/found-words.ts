/** What is known of an address's servers, in words: one line on where they came from, and what to do first. Pure. */
import type { ConnectionKind } from '#shared/connection.ts'
import { mailDomain, providerById, providerOf, serverOf } from '#shared/providers.ts'
import { sayFailure } from '../api/client.ts'
import type { ConnectionForm } from './draft.ts'
import { kindShort, providerIn } from './guess.ts'
import type { Lookup } from './use-lookup.ts'

export interface FoundLine {
  readonly tone: 'quiet' | 'busy' | 'ok' | 'warn' | 'bad'
  readonly say: string
  /** The other way of receiving, where the one chosen is not to be had. */
  readonly instead?: ConnectionKind
}

type Fields = Pick<ConnectionForm, 'address' | 'provider' | 'detected' | 'kind' | 'host' | 'login'>

export function sayFound(form: Fields, lookup: Lookup): FoundLine {
  const domain = mailDomain(form.address)
  const provider = providerById(form.provider) ?? providerOf(form.address)
  if (provider) return serverOf(provider, form.kind) ? { tone: 'ok', say: `The known servers of ${provider.name}` } : lacking(provider.name, form.kind, (kind) => serverOf(provider, kind) !== null)
  switch (lookup.state) {
    case 'idle': return { tone: 'quiet', say: 'The servers of this address are looked up and filled in.' }
    case 'looking': return { tone: 'busy', say: `Asking ${lookup.domain} for its mail servers…` }
    case 'failed': return { tone: 'bad', say: `The lookup failed: ${sayFailure(lookup.error)}` }
    case 'done': break
  }
  const { servers, notOffered, provider: owner } = lookup.detected
  const found = servers.find((server) => server.kind === form.kind)
  if (found) return { tone: found.sure === 'guess' ? 'warn' : 'ok', say: `Found ${found.say}` }
  const has = (kind: ConnectionKind): boolean => servers.some((server) => server.kind === kind)
  if (notOffered.includes(form.kind)) return lacking(`By its own records ${domain}`, form.kind, has)
  if (owner) return lacking(owner.name, form.kind, has)
  const instead = otherWay[form.kind]
  if (instead && has(instead)) return { tone: 'warn', say: `Only ${kindShort[instead]} was found for ${domain}`, instead }
  return { tone: 'warn', say: `Nothing found for ${domain}: the usual names are filled in` }
}

const otherWay: Partial<Record<ConnectionKind, ConnectionKind>> = { imap: 'pop3', pop3: 'imap' }

function lacking(who: string, kind: ConnectionKind, has: (kind: ConnectionKind) => boolean): FoundLine {
  const instead = otherWay[kind]
  return { tone: 'warn', say: `${who} offers no ${kindShort[kind]}`, ...(instead && has(instead) ? { instead } : {}) }
}

export interface Advice {
  readonly tone: 'accent' | 'warn'
  readonly title: string
  readonly say: string
  readonly list: readonly string[]
  /** Signing in at the provider is the better way and not chosen yet. */
  readonly signIn?: boolean
}

/** What a person should know before the first try; null when there is nothing. */
export function adviceFor(form: Fields, lookup: Lookup): Advice | null {
  const provider = providerIn(form.address, form)
  const detected = lookup.state === 'done' && form.provider === '' ? lookup.detected : null
  const found = detected?.servers.find((server) => server.kind === form.kind)
  if (found?.sure === 'guess' && found.host === form.host) {
    return { tone: 'warn', title: `Is ${found.host} the right server?`, say: `It was found ${found.say}. Type the password only when you know that it is your provider's.`, list: [] }
  }
  // Who signs in where a password would do as well has no use for a word on passwords.
  const isSettled = form.login === 'oauth2' && provider?.logins[0] === 'oauth2' && provider.logins.length > 1
  if (provider && provider.hint !== '' && !isSettled) {
    const signIn = provider.logins[0] === 'oauth2' && form.login !== 'oauth2'
    return { tone: provider.logins.length === 0 ? 'warn' : 'accent', title: signIn ? `${provider.name}: signing in is recommended` : provider.name, say: provider.hint, list: [], signIn }
  }
  if (detected && detected.servers.length === 0 && !detected.notOffered.includes(form.kind)) {
    return { tone: 'warn', title: 'The names filled in are a guess', say: 'The provider\'s help pages or your administrator know the right ones. What was looked at:', list: detected.missed.map(({ say }) => say) }
  }
  return null
}
