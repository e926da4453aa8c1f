/**
 * Turns a mail's HTML into text to read: one pass, no recursion, the same text every time. Work is linear in the
 * length for any input, because every character is looked at a bounded number of times and unclosed tags end the text
 * as they do in a browser.
 */
import { decodeEntities } from './html-entities.ts'
import { makeTextWriter, type TextWriter } from './text-writer.ts'

/** Their content is no text for people. */
const dropped = new Set(['script', 'style', 'title', 'template', 'xml'])
/** Start on a line of their own. */
const blocks = new Set([
  'div', 'section', 'article', 'header', 'footer', 'main', 'nav', 'aside', 'address', 'form', 'fieldset', 'figure', 'figcaption', 'tr', 'caption', 'center', 'dt', 'dd', 'body', 'li',
])
/** Stand apart by an empty line. */
const paragraphs = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'dl', 'table', 'pre', 'blockquote'])

export function htmlToText(html: string): string {
  const writer = makeTextWriter()
  const page: Page = { writer, link: null }
  let at = 0
  while (at < html.length) {
    const open = html.indexOf('<', at)
    const end = open < 0 ? html.length : open
    for (let from = at; from < end; ) {
      const to = pieceEnd(html, from, end)
      writer.text(decodeEntities(html.slice(from, to)))
      from = to
    }
    if (open < 0) break
    at = readMarkup(html, open, page)
  }
  closeLink(page)
  return writer.done()
}

/** Long runs of text go in pieces, as decoding holds every reference of a piece in memory; none is cut within a reference. */
function pieceEnd(html: string, from: number, end: number): number {
  if (end - from <= pieceLength) return end
  const reference = html.lastIndexOf('&', from + pieceLength)
  return reference > from + pieceLength - 40 ? reference : from + pieceLength
}
const pieceLength = 64 * 1024

interface Page {
  readonly writer: TextWriter
  /** Its address, while the words inside it are being captured. */
  link: string | null
}

/** Reads what starts with "<" at `open` and returns where the text goes on. */
function readMarkup(html: string, open: number, page: Page): number {
  const next = html.charCodeAt(open + 1)
  if (next === 0x21 /* ! */ || next === 0x3f /* ? */) {
    const [stop, length] = html.startsWith('<!--', open) ? [html.indexOf('-->', open + 4), 3] : [html.indexOf('>', open), 1]
    return stop < 0 ? html.length : stop + length
  }
  const closing = next === 0x2f /* / */
  const from = closing ? open + 2 : open + 1
  let to = from
  while (isNameChar(html.charCodeAt(to))) to += 1
  if (to === from) {
    page.writer.text('<')
    return open + 1
  }
  const name = html.slice(from, to).toLowerCase()
  const end = tagEnd(html, to)
  if (end < 0) return html.length
  if (closing) closeTag(name, page)
  else {
    if (dropped.has(name)) return html.charCodeAt(end - 1) === 0x2f ? end + 1 : skipContent(html, end + 1, name)
    openTag(name, html.slice(to, end), page)
  }
  return end + 1
}

function openTag(name: string, attributes: string, page: Page): void {
  const { writer } = page
  if (name === 'br') writer.lineBreak()
  else if (name === 'td' || name === 'th') writer.cell()
  else if (name === 'hr') writer.rule()
  else if (name === 'img') writer.text(attribute(attributes, 'alt'))
  else if (name === 'a') {
    closeLink(page)
    page.link = attribute(attributes, 'href').trim()
    writer.capture()
  } else if (paragraphs.has(name)) {
    // A list inside a list item stays close to its item.
    writer.block((name === 'ul' || name === 'ol') && writer.inList() ? 1 : 2)
    if (name === 'blockquote') writer.quote(1)
    else if (name === 'ul' || name === 'ol') writer.openList(name === 'ol')
    else if (name === 'pre') writer.keepSpace(1)
  } else if (blocks.has(name)) {
    writer.block(1)
    if (name === 'li') writer.item()
  }
}

function closeTag(name: string, page: Page): void {
  const { writer } = page
  if (name === 'a') closeLink(page)
  else if (paragraphs.has(name)) {
    if (name === 'blockquote') writer.quote(-1)
    else if (name === 'ul' || name === 'ol') writer.closeList()
    else if (name === 'pre') writer.keepSpace(-1)
    writer.block((name === 'ul' || name === 'ol') && writer.inList() ? 1 : 2)
  } else if (blocks.has(name)) writer.block(1)
}

/** The address stands behind the words only when they do not already say it. */
function closeLink(page: Page): void {
  const { link, writer } = page
  page.link = null
  if (link === null) return
  const shown = writer.captured().trim()
  if (shown === '' || !/^(?:https?|mailto|tel|ftp):/i.test(link) || bareLink(shown) === bareLink(link)) return
  writer.text(` (${link.replace(/^mailto:/i, '')})`)
}
const bareLink = (link: string): string => link.trim().toLowerCase().replace(/^(?:mailto:|tel:|https?:\/\/)/, '').replace(/\/$/, '')

const isNameChar = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code === 0x3a || code === 0x2d

/** Index of the ">" that ends a tag, past quoted attribute values; -1 when the text ends first. */
function tagEnd(html: string, from: number): number {
  let afterEquals = false
  for (let at = from; at < html.length; at += 1) {
    const code = html.charCodeAt(at)
    if (code === 0x3e) return at
    if (afterEquals && (code === 0x22 || code === 0x27)) {
      at = html.indexOf(code === 0x22 ? '"' : "'", at + 1)
      if (at < 0) return -1
      afterEquals = false
    } else if (code === 0x3d) afterEquals = true
    else if (code > 0x20) afterEquals = false
  }
  return -1
}

function skipContent(html: string, from: number, name: string): number {
  const closing = new RegExp(`</${name}`, 'gi')
  closing.lastIndex = from
  const found = closing.exec(html)
  if (!found) return html.length
  const end = html.indexOf('>', found.index)
  return end < 0 ? html.length : end + 1
}

const attributePatterns = {
  href: /(?:^|[\s"'/])href\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i,
  alt: /(?:^|[\s"'/])alt\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i,
} as const
function attribute(attributes: string, name: keyof typeof attributePatterns): string {
  const found = attributePatterns[name].exec(attributes)
  return decodeEntities(found?.[1] ?? found?.[2] ?? found?.[3] ?? '')
}
