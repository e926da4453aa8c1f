/** Makes the one `text` and the one `html` of a mail from its text parts. */
import { htmlToText } from '#shared/html-text.ts'
import type { TextPart } from './body.ts'

export interface MailText {
  readonly text: string
  readonly html: string
  readonly textDerived: boolean
}

/**
 * Parts that stand side by side follow each other in both; an alternative stands in its own kind only. A mail with
 * HTML alone gets its text from it. A mail with text alone has an empty `html`: a copy would double every stored mail.
 */
export function makeMailText(parts: readonly TextPart[]): MailText {
  const anyText = parts.some((part) => !part.html)
  const anyHtml = parts.some((part) => part.html)
  if (!anyHtml) return { text: parts.map((part) => part.text).join('\n'), html: '', textDerived: false }
  const html = parts.filter((part) => part.html || !part.alternative).map((part) => (part.html ? part.text : escapeText(part.text))).join('<br>\n')
  const text = parts.filter((part) => !anyText || !part.html || !part.alternative).map((part) => (part.html ? htmlToText(part.text) : part.text)).join('\n')
  return { text, html, textDerived: !anyText }
}

const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', '<br>\n')
