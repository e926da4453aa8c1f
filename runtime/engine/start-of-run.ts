/** What a run begins with, read from its stored bytes: a mail taken apart, or the facts of what happened to a mailbox. */
import { fault } from '#shared/errors.ts'
import type { Mail } from '#shared/mail.ts'
import { type MailboxEvent, readMailboxEvent } from '#shared/mailbox-event.ts'
import { type CheckedFlow, type CheckedNode, nodeDescriptions } from '#shared/nodes/index.ts'
import type { RunStart } from '#shared/run.ts'
import { readMail } from '../mail/mime/read-mail.ts'
import type { Raw } from '../raw.ts'
import type { ComputeJob } from './compute.ts'
import { mapsAttachments } from './sends-fetched.ts'

export interface Beginning {
  readonly trigger: CheckedNode
  readonly mail: Mail | null
  readonly event: MailboxEvent | null
  /** Of the mail's attachments, in their order. */
  readonly bytes: readonly (Raw | null)[]
  /** What the run is called in lists. */
  readonly called: { readonly subject: string; readonly from: string; readonly messageId: string }
  readonly discard: () => void
}

/** Throws RUN_STEP_FAILED when this version has no step that such a run could begin at. */
export async function beginningOf(job: ComputeJob): Promise<Beginning> {
  const trigger = triggerOf(job.flow, job.start)
  if (trigger.kind === 'mailbox-event') return beginWithEvent(job.raw, trigger)
  const read = await readMail(job.raw, job.facts, { mailId: job.mail, scratch: sendsAttachments(job.flow) ? job.spool.folder : null, headersOnly: job.headersOnly ?? false })
  const { mail, bytes } = read
  return { trigger, mail, event: null, bytes, called: { subject: mail.subject, from: mail.from.address, messageId: mail.messageId }, discard: () => { read.discard() } }
}

function beginWithEvent(raw: Raw, trigger: CheckedNode): Beginning {
  const event = raw.kind === 'bytes' ? readMailboxEvent(Buffer.from(raw.bytes).toString('utf8')) : null
  if (event === null) throw fault('RUN_STEP_FAILED', { reason: 'What happened to the mailbox can\'t be read.' })
  return { trigger, mail: null, event, bytes: [], called: { subject: event.summary, from: '', messageId: '' }, discard: () => {} }
}

const kindOf: Record<RunStart, CheckedNode['kind']> = { mail: 'receive-email', event: 'mailbox-event' }

/** A run made again may meet a version in which its step has another name: then it begins at the first of its kind. */
function triggerOf(flow: CheckedFlow, start: ComputeJob['start']): CheckedNode {
  const fitting = flow.nodes.filter((node) => (start ? node.kind === kindOf[start.what] : nodeDescriptions[node.kind].trigger))
  const trigger = fitting.find((node) => node.id === start?.node) ?? fitting[0]
  if (!trigger) throw fault('RUN_STEP_FAILED', { reason: 'The step that this run began with is no longer in the flow.' })
  return trigger
}

/** Bytes of attachments are kept only where a mapping, or an answer, can send them on. */
const sendsAttachments = (flow: CheckedFlow): boolean => mapsAttachments(flow) || flow.nodes.some((node) =>
  (node.kind === 'send-email' && (node.config.mode === 'forward' || (node.config.mode !== 'new' && node.config.quote !== 'none'))))
