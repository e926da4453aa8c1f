/** What happens to a watched mailbox itself, told to flows as the start of a run: the facts, as stored and as mapped from. */
import { isJsonObject, type Json, type JsonObject } from './json.ts'

export const mailboxEvents = ['error', 'recovered', 'stopped'] as const
export type MailboxEventName = (typeof mailboxEvents)[number]

export interface MailboxEvent {
  readonly event: MailboxEventName
  readonly connection: string
  readonly folder: string
  /** One line that says it all, fit for a subject. */
  readonly summary: string
  /** The cause in words. */
  readonly say: string
  /** A code of the error catalogue, or why the watch ended: `flow-stopped`, `paused`, `program-ends`. */
  readonly code: string
  /** When the trouble began; of `stopped`: when it was stopped. */
  readonly since: string
  /** Tries in vain so far. */
  readonly repeats: number
  /** The last look that went well; null when there was none since the program's start. */
  readonly lastSuccess: string | null
  readonly at: string
}

/** Stands for the UIDVALIDITY of a mailbox's events in the ledger: no server gives such a one (RFC 9051 section 2.3.1.1: a number). */
export const eventValidity = 'event'

const leads: Record<MailboxEventName, string> = { error: 'can\'t be read', recovered: 'can be read again', stopped: 'is no longer watched' }

export const summaryOf = ({ event, connection, folder }: Pick<MailboxEvent, 'event' | 'connection' | 'folder'>): string =>
  `Mailbox ${connection} / ${folder} ${leads[event]}`

/** From the ledger's bytes; null when these are no facts of an event. */
export function readMailboxEvent(text: string): MailboxEvent | null {
  let facts: Json
  try {
    // Only what JSON.parse can give.
    facts = JSON.parse(text) as Json
  } catch {
    return null
  }
  const event = isJsonObject(facts) ? mailboxEvents.find((name) => name === facts['event']) : undefined
  return event === undefined || !isJsonObject(facts) ? null : eventOf(event, facts)
}

function eventOf(event: MailboxEventName, facts: JsonObject): MailboxEvent {
  const text = (name: string): string => { const value = facts[name]; return typeof value === 'string' ? value : '' }
  const { repeats, lastSuccess } = facts
  const [connection, folder] = [text('connection'), text('folder')]
  return {
    event, connection, folder, summary: summaryOf({ event, connection, folder }), say: text('say'), code: text('code'), since: text('since'),
    repeats: typeof repeats === 'number' ? repeats : 0, lastSuccess: typeof lastSuccess === 'string' ? lastSuccess : null, at: text('at'),
  }
}

/** What a preview and a dry run show where nothing has happened yet. */
export const sampleMailboxEvent = (connection: string, folder: string, at: string): MailboxEvent => ({
  event: 'error', connection, folder, summary: summaryOf({ event: 'error', connection, folder }), say: 'No answer from mail.example.org:993. Check host and port, and whether a firewall is in the way.',
  code: 'MAIL_UNREACHABLE', since: at, repeats: 1, lastSuccess: null, at,
})
