/** Which flows a mail says it has gone through, of this installation or another: what stands there is a stranger's word. */
import type { Mail } from '#shared/mail.ts'
import { loopHops } from '#runtime/limits.ts'
import { runOfMessageId } from '../message-id.ts'

/** The header by which a flow knows its own mail when it comes back. */
export const flowHeader = 'X-Mailweave-Flow'
/** The flows before it, `flow/run` each: so that mail that goes round over several flows, and over several installations, is known. */
export const passedHeader = 'X-Mailweave-Passed'

/** `run` is '' where the mail does not tell. */
export interface Passed { readonly flow: string; readonly run: string }

/** Oldest first. */
export function flowsPassed(mail: Pick<Mail, 'headers' | 'messageId'>): readonly Passed[] {
  const before = valuesOf(mail, passedHeader.toLowerCase()).flatMap((value) => value.split(/\s+/)).flatMap((entry): readonly Passed[] => {
    const [flow = '', run = ''] = entry.split('/')
    return flow === '' ? [] : [{ flow, run }]
  })
  const last = valuesOf(mail, flowHeader.toLowerCase()).map((flow) => ({ flow: flow.trim(), run: runOfMessageId(mail.messageId) ?? '' }))
  // More than a mail may have is refused; how much more is nobody's business.
  return [...before, ...last].slice(-loopHops.remembered)
}

/** Of each header of this lower-case name. */
export const valuesOf = ({ headers }: Pick<Mail, 'headers'>, name: string): readonly string[] => headers.filter((header) => header.name.toLowerCase() === name).map(({ value }) => value)
