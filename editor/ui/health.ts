/** A mailbox's health in words and colour, the same on every screen. */
import type { MailboxHealth } from '#shared/connection.ts'
import type { Tone } from './pill.tsx'

export const healthWords: Record<MailboxHealth, { readonly tone: Tone; readonly say: string }> = {
  connected: { tone: 'ok', say: 'connected' },
  idle: { tone: 'ok', say: 'watching' },
  polling: { tone: 'ok', say: 'looking' },
  'backing-off': { tone: 'warn', say: 'trying again' },
  'needs-attention': { tone: 'bad', say: 'needs you' },
  deaf: { tone: 'bad', say: 'silent for too long' },
  stopped: { tone: 'quiet', say: 'not watched' },
}

/** The one to show first when several mailboxes share a place: the worst. */
export function worstHealth(healths: readonly MailboxHealth[]): MailboxHealth | null {
  const order: readonly MailboxHealth[] = ['needs-attention', 'deaf', 'backing-off', 'stopped', 'polling', 'connected', 'idle']
  return order.find((health) => healths.includes(health)) ?? null
}
