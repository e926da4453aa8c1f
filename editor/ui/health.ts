/** A mailbox's health in words and colour, the same on every screen. */
import type { Connection, MailboxHealth } from '#shared/connection.ts'
import type { Tone } from './pill.tsx'

export const healthWords: Record<MailboxHealth, { readonly tone: Tone; readonly say: string }> = {
  connected: { tone: 'ok', say: 'connected' },
  idle: { tone: 'ok', say: 'watching' },
  polling: { tone: 'ok', say: 'looking' },
  'backing-off': { tone: 'warn', say: 'trying again' },
  'needs-attention': { tone: 'bad', say: 'needs you' },
  deaf: { tone: 'bad', say: 'silent for too long' },
  paused: { tone: 'warn', say: 'paused' },
  stopped: { tone: 'quiet', say: 'not watched' },
}

/** The one to show first when several mailboxes share a place: the worst. */
export function worstHealth(healths: readonly MailboxHealth[]): MailboxHealth | null {
  const order: readonly MailboxHealth[] = ['needs-attention', 'deaf', 'backing-off', 'paused', 'stopped', 'polling', 'connected', 'idle']
  return order.find((health) => healths.includes(health)) ?? null
}

/** Anybody with a valid certificate for any name can pose as its server. A pinned certificate is known by itself, whatever its name. */
export const namesUnchecked = (connection: Pick<Connection, 'security' | 'checkHostName' | 'pinned'>): boolean =>
  connection.security !== 'none' && !connection.checkHostName && connection.pinned === ''

/** What a person does about a login that does not work any more, by the trouble's code. */
export const loginFixes: Readonly<Partial<Record<string, string>>> = {
  MAIL_LOGIN_REFUSED: 'Change the password', SECRET_UNREADABLE: 'Change the password', MAIL_TOKEN_REFUSED: 'Sign in again', SIGN_IN_AGAIN: 'Sign in again', SIGN_IN_REFUSED: 'Sign in again',
}
