/**
 * Turns a mail's HTML into text to read: one pass, no recursion, the same text every time. Work is linear in the
 * length for any input, because every character is looked at a bounded number of times and unclosed tags end the text
 * as they do in a browser.
 */
import { decodeEntities } from './html-entities.ts'
import { readMarkup, skipContent } from './html-tags.ts'
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
    at = readTag(html, open, page)
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
function readTag(html: string, open: number, page: Page): number {
  const markup = readMarkup(html, open)
  if (markup.kind === 'text') page.writer.text('<')
  if (markup.kind === 'none' || markup.kind === 'text') return markup.next
  const { name, attributes, selfClosing, next } = markup
  if (markup.kind === 'close') closeTag(name, page)
  else {
    if (dropped.has(name)) return selfClosing ? next : skipContent(html, next, name)
    openTag(name, attributes, page)
  }
  return next
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

const attributePatterns = {
  href: /(?:^|[\s"'/])href\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i,
  alt: /(?:^|[\s"'/])alt\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i,
} as const
function attribute(attributes: string, name: keyof typeof attributePatterns): string {
  const found = attributePatterns[name].exec(attributes)
  return decodeEntities(found?.[1] ?? found?.[2] ?? found?.[3] ?? '')
}
