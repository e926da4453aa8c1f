/**
 * The mail that is answered or sent on, as it stands in the new one: marked lines in a text, a blockquote in HTML. Its
 * HTML is a stranger's and comes sanitised. The same mail gives the same words on any day, in any time zone.
 */
import { formatAddress } from '../address.ts'
import type { Mail, MailAddress } from '../mail.ts'
import { escapeHtml, textToHtml } from '../mapping/html.ts'
import { sanitiseHtml, type SaneHtml } from '../sanitise-html.ts'
import { namedPeople, quotedLetters } from './limits.ts'

export interface Words {
  readonly text: string
  readonly html: string
}
export interface Quoted extends Words {
  /** Content-IDs of the quoted mail's pictures that the HTML shows. */
  readonly pictures: readonly string[]
}

export type QuoteStyle = 'below' | 'inline' | 'none'
const cutWords = '[The mail goes on; its end was left out.]'

/** An answer in words alone is quoted in words alone; one in HTML alone stays without text, which is made of the whole. */
export function quoteMail(answer: Words, mail: Mail, style: QuoteStyle): Quoted {
  if (style === 'none') return { ...answer, pictures: [] }
  const line = attribution(mail)
  const hasHtml = answer.html.trim() !== ''
  const text = hasHtml && answer.text.trim() === '' ? '' : around(answer.text, `${line}\n${markLines(mail.text)}`, style)
  if (!hasHtml) return { text, html: '', pictures: [] }
  const { html, pictures, cut } = bodyHtml(mail, quotedLetters)
  const block = `<div>${escapeHtml(line)}</div>\n${blockquote(cut ? `${html}<p>${cutWords}</p>` : html, 'margin:0 0 0 0.8ex;border-left:1px solid #ccc;padding-left:1ex')}`
  return { text, html: style === 'below' ? placeLast(answer.html, block) : placeFirst(answer.html, block), pictures }
}

/** Of a mail that can stand in a text. A covering note in words alone gets HTML of its own where the mail has some. */
export function forwardMail(note: Words, mail: Mail): Quoted {
  const head = forwardHead(mail)
  const text = `${note.text.trim() === '' ? '' : `${note.text.trimEnd()}\n\n`}${head.join('\n')}\n\n${mail.text}`
  if (mail.html.trim() === '' && note.html.trim() === '') return { text, html: '', pictures: [] }
  const { html, pictures } = bodyHtml(mail, Number.POSITIVE_INFINITY)
  const block = blockquote(`<p>${head.map(escapeHtml).join('<br>\n')}</p>\n${html}`, 'margin:0;padding:0;border:0')
  const cover = note.html.trim() === '' ? textToHtml(note.text.trimEnd()) : note.html
  return { text: note.text.trim() === '' && note.html.trim() !== '' ? '' : text, html: placeLast(cover, block), pictures }
}

/** Nothing of it would be lost on the way into another mail's text. */
export const canStandInText = (mail: Mail): boolean =>
  mail.truncated.length === 0 && mail.text.length <= quotedLetters && mail.html.length <= quotedLetters

/** In words that our own reader of replies knows (reply-marks.ts), as most do. */
function attribution({ from, date, dateRaw }: Mail): string {
  const who = (from.name || from.address || 'somebody').slice(0, 200)
  return date === null ? `${who} wrote:` : `On ${sayDate(date, dateRaw)}, ${who} wrote:`
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** By the clock of its writer, whose zone stands behind it. */
function sayDate(date: string, written: string): string {
  const [, sign = '+', hours = '00', minutes = '00'] = /([+-])(\d\d)(\d\d)(?:\s*\([^)]*\))?\s*$/.exec(written.slice(-100)) ?? []
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
  const known = Math.abs(offset) <= 14 * 60 ? offset : 0
  const local = new Date(new Date(date).getTime() + known * 60_000)
  const clock = `${String(local.getUTCHours()).padStart(2, '0')}:${String(local.getUTCMinutes()).padStart(2, '0')}`
  const zone = known === 0 ? '+0000' : `${sign}${hours}${minutes}`
  return `${days[local.getUTCDay()] ?? ''}, ${local.getUTCDate()} ${months[local.getUTCMonth()] ?? ''} ${local.getUTCFullYear()} at ${clock} ${zone}`
}

/** Marks of deeper quotes stand together: ">> ". */
function markLines(text: string): string {
  const lines = text.slice(0, quotedLetters).toWellFormed().trimEnd().split('\n')
  if (text.length > quotedLetters) lines.push('', cutWords)
  return lines.map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`.trimEnd())).join('\n')
}

const around = (answer: string, quoted: string, style: 'below' | 'inline'): string => {
  const own = answer.trimEnd()
  if (own === '') return quoted
  return style === 'below' ? `${own}\n\n${quoted}` : `${quoted}\n\n${own}`
}

function forwardHead(mail: Mail): readonly string[] {
  const lines: readonly (readonly [string, string])[] = [
    ['From', people(mail.fromAll)], ['Date', mail.date === null ? mail.dateRaw : sayDate(mail.date, mail.dateRaw)],
    ['Subject', mail.subject], ['To', people(mail.to)], ['Cc', people(mail.cc)],
  ]
  return ['---------- Forwarded message ----------', ...lines.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}`)]
}

function people(list: readonly MailAddress[]): string {
  const named = list.slice(0, namedPeople).map(formatAddress)
  return list.length > namedPeople ? `${named.join(', ')} and ${list.length - namedPeople} more` : named.join(', ')
}

function bodyHtml(mail: Mail, most: number): SaneHtml {
  if (mail.html.trim() !== '') return sanitiseHtml(mail.html, most)
  return { html: textToHtml(mail.text.slice(0, quotedLetters).toWellFormed()), pictures: [], cut: mail.text.length > quotedLetters }
}

/** What stands in it paints nothing outside it either: it is balanced, and it clips. */
const blockquote = (html: string, style: string): string => `<blockquote type="cite" style="${style};overflow:hidden">\n${html}\n</blockquote>`

/** Behind the answer's own words, within its page where it is a whole one. */
function placeLast(html: string, block: string): string {
  const end = [...html.matchAll(/<\/body\s{0,20}>/gi)].at(-1)?.index
  return end === undefined ? `${html}\n<br>\n${block}` : `${html.slice(0, end)}\n<br>\n${block}\n${html.slice(end)}`
}
function placeFirst(html: string, block: string): string {
  const found = /<body(?:\s[^<>]*)?>/i.exec(html)
  const start = found === null ? 0 : found.index + found[0].length
  return `${html.slice(0, start)}${block}\n<br>\n${html.slice(start)}`
}
