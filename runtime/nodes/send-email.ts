/** Send Email in a run: composes the mail to the last byte. Sending it is the outbox's; the step waits for that. */
import { fault } from '#shared/errors.ts'
import { htmlToText } from '#shared/html-text.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Mail } from '#shared/mail.ts'
import type { Side } from '#shared/outgoing.ts'
import { mb } from '#shared/sending/attachments.ts'
import type { ComposedSend } from '../engine/compute.ts'
import { chooseFiles } from '../mail/compose/choose-files.ts'
import { composeMail, isShown, readShownIds, type AttachedBytes, type ComposedMail } from '../mail/compose/compose-mail.ts'
import { fitMail } from '../mail/compose/fit-mail.ts'
import { decideOutgoing, type Outgoing, type OutgoingAttachment } from '../mail/compose/outgoing.ts'
import { refuseLoop } from '../mail/compose/refuse-loop.ts'
import { readHeaderFields } from '../mail/mime/header-fields.ts'
import { decodeWords } from '../mail/mime/encoded-words.ts'
import { readHead } from '../mail/mime/raw-head.ts'
import { mime } from '../limits.ts'
import { sizeOfRaw, type Raw } from '../raw.ts'
import type { Behaviour, StepContext } from './behaviour.ts'
import { fillForm } from './fill-form.ts'
import { renameFiles } from './rename-files.ts'

export const sendEmail: Behaviour<'send-email'> = async (config, context) => {
  const { job, node, mail, mappedBefore } = context
  const mapped: JsonObject = Object.assign({}, ...mappedBefore.map(({ value }) => value))
  const priorities: Record<string, Side> = Object.assign({}, ...mappedBefore.map(({ priority }) => priority))
  const said = decideOutgoing(mapped, await fillForm(config, mapped, priorities, context), priorities)
  const recipients = [...said.to, ...said.cc, ...said.bcc].map(({ address }) => address)
  // Without a mail there is nobody to answer and nothing that could have come back.
  if (mail !== null) refuseLoop(mail, recipients, job.flow.id)
  const attached = said.attachments.map((attachment) => findAttachment(attachment, context))
  const { files, html, leftOut } = chooseFiles(said.html, attached, config)
  const shownIds = readShownIds(html)
  const named = await renameFiles(config.renameFiles, files, (file) => isShown(file, shownIds), context)
  const fitted = fitMail(withBothTexts({ ...said, html }), named, { limit: config.mailMaxMb * mb, tooLarge: config.tooLarge },
    (outgoing, going) => composeMail(outgoing, going, { run: job.run, node: node.id, flow: job.flow.id, at: job.at, spool: job.spool }))
  const { outgoing, composed } = fitted
  const notSent = [...leftOut, ...fitted.leftOut]
  const send: ComposedSend = {
    node: node.id, connection: config.connection, messageId: composed.messageId, envelope: composed.envelope, subject: outgoing.subject, raw: composed.raw,
    ...(job.explain ? { explained: explain(outgoing, fitted.files, composed, mail) } : {}),
  }
  const output: JsonObject = { messageId: composed.messageId, accepted: [], refused: [], answer: '', won: outgoing.won, size: sizeOfRaw(composed.raw), ...(notSent.length > 0 ? { leftOut: notSent.map((one) => ({ ...one })) } : {}) }
  return { state: 'waiting', output, send }
}

/** Who reads no HTML is not left with an empty mail. */
const withBothTexts = (outgoing: Outgoing): Outgoing => (outgoing.html === '' || outgoing.text.trim() !== '' ? outgoing : { ...outgoing, text: htmlToText(outgoing.html) })

/** Only attachments of this run's own mail can be named, so no text in a mail or a flow opens anything else. */
function findAttachment(attachment: OutgoingAttachment, { job, attachmentBytes }: StepContext): AttachedBytes {
  const [, mail, index] = /^mail:([^/]+)\/(\d{1,6})$/.exec(attachment.ref) ?? []
  const raw = mail === job.mail ? attachmentBytes[Number(index)] : undefined
  if (!raw) throw fault('SEND_ATTACHMENT_MISSING', { name: attachment.name.slice(0, 200) }, 'attachments')
  return { ...attachment, raw }
}

/** What `try` shows: the headers read back from the composed bytes, so they can not differ from what would be sent; texts and attachments as decided. */
function explain(outgoing: Outgoing, attached: readonly AttachedBytes[], composed: ComposedMail, mail: Mail | null): NonNullable<ComposedSend['explained']> {
  const { fields } = readHeaderFields(readHead(composed.raw, mime.headerBytes), mime.headerBytes)
  return {
    headers: fields.map(({ name, value }) => ({ name, value: decodeWords(value) })),
    text: outgoing.text,
    html: outgoing.html,
    attachments: attached.map(({ name, type, raw, ref }) => ({ name, type, size: sizeOfRaw(raw), sha256: sha256Of(raw, ref, mail) })),
  }
}
const sha256Of = (raw: Raw, ref: string, mail: Mail | null): string => (raw.kind === 'file' ? raw.sha256 : (mail?.attachments.find((attachment) => attachment.ref === ref)?.sha256 ?? ''))
