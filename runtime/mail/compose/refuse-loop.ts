/**
 * The loop guard: keeps a flow from taking up its own mail again and from answering machines. Sending automatic mail on to
 * somebody else (bounces to a person, newsletters to a team) is no loop. The table of what is refused stands in docs/SPEC.md.
 */
import { fault } from '#shared/errors.ts'
import type { Mail } from '#shared/mail.ts'
import { type guardFields, guardTitle } from '#shared/sending/guard.ts'
import { loopHops } from '#runtime/limits.ts'
import { flowsPassed, valuesOf } from '../mime/flows-passed.ts'

export interface GuardRules {
  /** null: it may have sent the mail itself. */
  readonly flow: string | null
  readonly answerMachines: boolean
  readonly answerLists: boolean
  /** Addresses of the mailbox that the mail lay in; empty where the flow may write to it. */
  readonly self: readonly string[]
}

/** Throws SEND_CAME_BACK for the flow's own mail, SEND_LOOP for what must not be answered or has gone round too often. */
export function refuseLoop(mail: Mail, recipients: readonly string[], rules: GuardRules): void {
  const passed = flowsPassed(mail)
  if (passed.some(({ flow }) => flow === rules.flow)) throw fault('SEND_CAME_BACK')
  if (passed.length > loopHops.flows) throw fault('SEND_LOOP', { reason: `this mail has gone through ${passed.length} flows already` })
  const servers = valuesOf(mail, 'received').length
  if (servers > loopHops.servers) throw fault('SEND_LOOP', { reason: `this mail has gone through ${servers} servers, as only mail in a circle does` })
  const own = recipients.find((recipient) => rules.self.includes(recipient.toLowerCase()))
  if (own !== undefined) throw fault('SEND_LOOP', { reason: `${own} is the mailbox that this mail came to${bySwitch('sendToSelf')}` })
  const what = unanswerable(mail, rules)
  const [answered] = what === null ? [] : answeredBy(mail, recipients)
  if (answered !== undefined) throw fault('SEND_LOOP', { reason: `${answered} sent ${what?.say ?? ''}, and this would answer it${what?.unless ? bySwitch(what.unless) : ''}` })
}

/** The recipients that get an answer: they sent the mail, or ask for answers to it. In lower case. */
export function answeredBy(mail: Mail, recipients: readonly string[]): readonly string[] {
  const senders = new Set([mail.from, ...mail.fromAll, ...mail.replyTo, ...(mail.sender ? [mail.sender] : [])].map(({ address }) => address.toLowerCase()))
  for (const value of valuesOf(mail, 'return-path')) senders.add(value.replace(/[<>\s]/g, '').toLowerCase())
  return [...new Set(recipients.map((recipient) => recipient.toLowerCase()))].filter((recipient) => senders.has(recipient))
}

/** Which setting of the step lets it go all the same, by its name on the form. */
const bySwitch = (field: keyof typeof guardFields): string => `. To allow it, switch "${guardTitle(field)}" on in the step`

interface Unanswerable { readonly say: string; readonly unless?: 'answerMachines' | 'answerLists' }

function unanswerable(mail: Mail, { answerMachines, answerLists }: GuardRules): Unanswerable | null {
  if (mail.isBounce || valuesOf(mail, 'return-path').some((value) => value.replace(/\s/g, '') === '<>')) return { say: 'a bounce' }
  if (!answerMachines && mail.isAutoReply) return { say: 'an automatic mail', unless: 'answerMachines' }
  return !answerLists && goesToMany(mail) ? { say: 'a mail to many', unless: 'answerLists' } : null
}

/** RFC 3834 section 2 and RFC 2919: what went to a list is nobody's question to us; X-Auto-Response-Suppress says so itself. */
const goesToMany = (mail: Mail): boolean => mail.isList || mail.headers.some(({ name, value }) => {
  switch (name.toLowerCase()) {
    case 'precedence': return /^\s*(?:bulk|list|junk)\b/i.test(value)
    case 'list-id': return true
    case 'x-auto-response-suppress': return /(?:^|[,\s])(?:all|autoreply)(?:$|[,\s])/i.test(value)
    default: return false
  }
})
