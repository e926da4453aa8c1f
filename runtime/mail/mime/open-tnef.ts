/** Puts what winmail.dat holds in its place: its files become attachments of the mail, its text the mail's where there is none. */
import type { ByteSink } from '../byte-sink.ts'
import type { AttachedPart, Body, TextPart } from './body.ts'
import { typeOfName } from './file-name.ts'
import { isTnef, readTnef, type Tnef } from './tnef.ts'

/** The body as it is when there is no winmail.dat; `unread` when there is one that can't be opened, which then stays an attachment. */
export function openTnef(body: Body, sink: ByteSink): { readonly body: Body; readonly unread: boolean } {
  const wrapped = body.attached.find((part) => part.kept?.kind === 'tnef')
  if (!wrapped?.kept || !isTnef(wrapped.kept.bytes)) return { body, unread: false }
  const tnef = wrapped.kept.whole ? readTnef(wrapped.kept.bytes) : null
  if (!tnef) return { body, unread: true }
  const attached = body.attached.flatMap((part) => (part === wrapped ? filesOf(tnef, sink) : [part]))
  return { body: { ...body, texts: body.texts.some(({ text }) => text.trim() !== '') ? body.texts : textsOf(tnef), attached }, unread: false }
}

function filesOf(tnef: Tnef, sink: ByteSink): AttachedPart[] {
  return tnef.files.map(({ name, type, cid, bytes }) => {
    const taking = sink.begin()
    taking.write(bytes)
    return { ...taking.end(), name, type: type || typeOfName(name), cid, disposition: cid === '' ? 'attachment' : 'inline', kept: null }
  })
}

const textsOf = ({ text, html }: Tnef): TextPart[] =>
  [{ html: false, text: text.replaceAll('\r\n', '\n'), alternative: true }, { html: true, text: html.replaceAll('\r\n', '\n'), alternative: true }].filter((part) => part.text !== '')
