/** Send Email in a run: composes the mail to the last byte. Sending it is the outbox's; the step waits for that. */
import { hash } from 'node:crypto'
import { fault } from '#shared/errors.ts'
import { htmlToText } from '#shared/html-text.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Side } from '#shared/outgoing.ts'
import { mb } from '#shared/sending/attachments.ts'
import type { ComposedSend } from '../engine/compute.ts'
import { fetchedName } from './fetched-mail.ts'
import { answerMail, isWholeMail } from '../mail/compose/answer-mail.ts'
import { chooseFiles } from '../mail/compose/choose-files.ts'
import { composeMail, isShown, readShownIds, type AttachedBytes, type ComposedMail } from '../mail/compose/compose-mail.ts'
import { fitMail } from '../mail/compose/fit-mail.ts'
import { decideOutgoing, type Outgoing, type OutgoingAttachment } from '../mail/compose/outgoing.ts'
import { readHeaderFields } from '../mail/mime/header-fields.ts'
import { decodeWords } from '../mail/mime/encoded-words.ts'
import { readHead } from '../mail/mime/raw-head.ts'
import { mime } from '../limits.ts'
import { sizeOfRaw } from '../raw.ts'
import type { Behaviour, StepContext } from './behaviour.ts'
import { fillForm } from './fill-form.ts'
import { renameFiles } from './rename-files.ts'
import { originalOf } from './original-mail.ts'
import { shieldSend } from './shield-send.ts'

export const sendEmail: Behaviour<'send-email'> = async (config, context) => {
  const { job, node, mappedBefore } = context
  const mapped: JsonObject = Object.assign({}, ...mappedBefore.map(({ value }) => value))
  const priorities: Record<string, Side> = Object.assign({}, ...mappedBefore.map(({ priority }) => priority))
  const original = config.mode === 'new' ? null : originalOf(config.of, context)
  const form = await fillForm(config, mapped, priorities, context)
  const decided = decideOutgoing(mapped, form, priorities, original === null ? undefined : (outgoing) => answerMail(outgoing, config, original))
  const { said, shielded, passed } = shieldSend(decided, config, context, original?.mail ?? null)
  const isAnswer = config.mode === 'reply' || config.mode === 'reply-all'
  const attached = said.attachments.map((attachment) => findAttachment(attachment, context))
  // A mail that is sent on as a file is what the mail is for: no rule for files leaves it behind.
  const whole = attached.filter(isWholeMail)
  const { files, html, leftOut } = chooseFiles(said.html, attached.filter((file) => !isWholeMail(file)), config)
  const shownIds = readShownIds(html)
  const named = await renameFiles(config.renameFiles, [...files, ...whole], (file) => isShown(file, shownIds), context)
  const fitted = fitMail(withBothTexts({ ...said, html }), named, { limit: config.mailMaxMb * mb, tooLarge: whole.length > 0 ? 'fail' : config.tooLarge },
    (outgoing, going) => composeMail(outgoing, going, { run: job.run, node: node.id, flow: job.flow.id, at: job.at, spool: job.spool, isAnswer, passed }))
  const { outgoing, composed } = fitted
  const notSent = [...leftOut, ...fitted.leftOut]
  const send: ComposedSend = {
    node: node.id, connection: config.connection, messageId: composed.messageId, envelope: composed.envelope, subject: outgoing.subject, raw: composed.raw, shielded,
    ...(job.explain ? { explained: explain(outgoing, fitted.files, composed) } : {}),
  }
  const output: JsonObject = { messageId: composed.messageId, accepted: [], refused: [], answer: '', won: outgoing.won, size: sizeOfRaw(composed.raw), ...(shielded.testFor ? { testFor: shielded.testFor } : {}), ...(notSent.length > 0 ? { leftOut: notSent.map((one) => ({ ...one })) } : {}) }
  return { state: 'waiting', output, send }
}

/** Who reads no HTML is not left with an empty mail. */
const withBothTexts = (outgoing: Outgoing): Outgoing => (outgoing.html === '' || outgoing.text.trim() !== '' ? outgoing : { ...outgoing, text: htmlToText(outgoing.html) })

/** Only this run's own mail, those that its steps have fetched, and their attachments can be named, so no text in a mail or a flow opens anything else. */
function findAttachment(attachment: OutgoingAttachment, { job, mail, attachmentBytes, fetched }: StepContext): AttachedBytes {
  const [, named, index] = /^mail:([^/]+)\/(\d{1,6}|whole)$/.exec(attachment.ref) ?? []
  const step = [...fetched.keys()].find((id) => named === fetchedName(job.mail, id))
  const own = named === job.mail && mail !== null
  const whole = own ? job.raw : step === undefined ? undefined : job.fetched?.[step]
  const bytes = own ? attachmentBytes : step === undefined ? [] : fetched.get(step)?.bytes ?? []
  const raw = index === 'whole' ? whole : bytes[Number(index)]
  if (!raw) throw fault('SEND_ATTACHMENT_MISSING', { name: attachment.name.slice(0, 200) }, 'attachments')
  return { ...attachment, raw }
}

/** What `try` shows: the headers read back from the composed bytes, so they can not differ from what would be sent; texts and attachments as decided. */
function explain(outgoing: Outgoing, attached: readonly AttachedBytes[], composed: ComposedMail): NonNullable<ComposedSend['explained']> {
  const { fields } = readHeaderFields(readHead(composed.raw, mime.headerBytes), mime.headerBytes)
  return {
    headers: fields.map(({ name, value }) => ({ name, value: decodeWords(value) })),
    text: outgoing.text,
    html: outgoing.html,
    attachments: attached.map(({ name, type, raw }) => ({ name, type, size: sizeOfRaw(raw), sha256: raw.kind === 'file' ? raw.sha256 : hash('sha256', raw.bytes) })),
  }
}
