/**
 * A stranger's HTML made fit to stand inside another mail: written anew, tag by tag, from what is known to be harmless.
 * What comes out is balanced by the rules browsers build their trees by, so no end tag of it closes anything outside.
 * Unless it is asked for, nothing in it loads from elsewhere: pictures from the internet tell their sender who opened a
 * mail, so their words stand in their place; those that lie in the mail stay.
 */
import { skipContent, readMarkup } from './html-tags.ts'
import { cleanAttributes } from './sanitise-attributes.ts'

export interface SaneHtml {
  readonly html: string
  /** Content-IDs of the pictures it shows, as its addresses write them. */
  readonly pictures: readonly string[]
  /** It ends early, at the bound. */
  readonly cut: boolean
}

/** Content and all: it acts, loads, or is no text for people. */
const dropped = new Set(['script', 'style', 'title', 'template', 'xml', 'iframe', 'object', 'svg', 'math', 'textarea', 'select', 'noscript', 'noembed', 'noframes', 'xmp', 'plaintext', 'audio', 'video', 'canvas'])
const inline = new Set(['a', 'abbr', 'b', 'big', 'cite', 'code', 'del', 'dfn', 'em', 'font', 'i', 'ins', 'kbd', 'q', 's', 'samp', 'small', 'span', 'strike', 'strong', 'sub', 'sup', 'tt', 'u', 'var'])
/** They end an open paragraph. */
const blocks = new Set(['address', 'blockquote', 'center', 'dd', 'div', 'dl', 'dt', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'li', 'ol', 'p', 'pre', 'table', 'ul'])
const headings = new Set(['h1', 'h2', 'h3', 'h4', 'h5', 'h6'])
const empties = new Set(['br', 'hr', 'img', 'wbr', 'col'])
/** Parts of a table, and what each stands in. */
const holders: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['td', new Set(['tr', 'tbody', 'thead', 'tfoot', 'table'])], ['th', new Set(['tr', 'tbody', 'thead', 'tfoot', 'table'])], ['tr', new Set(['tbody', 'thead', 'tfoot', 'table'])],
  ['tbody', new Set(['table'])], ['thead', new Set(['table'])], ['tfoot', new Set(['table'])], ['caption', new Set(['table'])], ['colgroup', new Set(['table'])], ['col', new Set(['colgroup', 'table'])],
])
/** Only parts of tables stand right inside these; a browser puts everything else somewhere outside. */
const frames = new Set(['table', 'tbody', 'thead', 'tfoot', 'tr', 'colgroup'])
/** No end tag reaches beyond these. */
const walls = new Set(['table', 'td', 'th', 'caption'])
/** Other names that mean the same here. */
const renamed: Readonly<Record<string, string>> = { body: 'div', section: 'div', article: 'div', header: 'div', footer: 'div', main: 'div', nav: 'div', aside: 'div', figure: 'div', figcaption: 'div', dir: 'ul', menu: 'ul' }
/** Browsers stop nesting at 512; mails reach some 60. */
const deepest = 100

/**
 * @param most letters that may come out, but for the end tags
 * @param pictures whether those from the internet stay: in a mail that is sent on as its writer made it
 */
export function sanitiseHtml(html: string, most: number, pictures: 'own' | 'all' = 'own'): SaneHtml {
  const writer = makeWriter(pictures === 'all')
  let at = 0
  while (at < html.length) {
    if (writer.length() > most) return { ...writer.done(), cut: true }
    const open = html.indexOf('<', at)
    const end = Math.min(open < 0 ? html.length : open, at + pieceLetters)
    writer.text(html.slice(at, end))
    at = end
    if (end !== open) continue
    const markup = readMarkup(html, open)
    at = markup.next
    if (markup.kind === 'text') writer.text('<')
    else if (markup.kind === 'close') writer.close(markup.name)
    else if (markup.kind === 'open') {
      if (!dropped.has(markup.name)) writer.open(markup.name, markup.attributes)
      else if (!markup.selfClosing) at = markup.name === 'plaintext' ? html.length : skipContent(html, at, markup.name)
    }
  }
  return { ...writer.done(), cut: false }
}

/** So that a text without any tag comes to its bound as well. */
const pieceLetters = 10_000

function makeWriter(remotePictures: boolean) {
  const stack: string[] = []
  const pieces: string[] = []
  const pictures = new Set<string>()
  let length = 0
  const put = (piece: string): void => {
    pieces.push(piece)
    length += piece.length
  }
  const push = (name: string, attributes = ''): void => {
    put(`<${name}${attributes}>`)
    stack.push(name)
  }
  const pop = (): void => { put(`</${stack.pop() ?? ''}>`) }
  const closeTo = (index: number): void => { while (stack.length > index) pop() }
  /** Where the nearest of these is open, before any wall; -1 when none is. */
  const nearest = (isIt: (name: string) => boolean, isWall: (name: string) => boolean): number => {
    const found = stack.findLastIndex((name) => isIt(name) || isWall(name))
    return found >= 0 && isIt(stack[found] ?? '') ? found : -1
  }
  const closeNearest = (name: string, isWall: (other: string) => boolean): void => {
    const found = nearest((other) => other === name, isWall)
    if (found >= 0) closeTo(found)
  }
  /** Words right inside a table get the cell they lack. */
  const enterCell = (): void => {
    if (stack.at(-1) === 'colgroup') pop()
    if (!frames.has(stack.at(-1) ?? '')) return
    if (stack.at(-1) !== 'tr') push('tr')
    push('td')
  }

  function open(written: string, attributes: string): void {
    const name = renamed[written] ?? written
    const part = holders.get(name)
    if (part) {
      if (!stack.includes('table')) return
      while (!part.has(stack.at(-1) ?? '')) pop()
    } else if (inline.has(name) || blocks.has(name) || empties.has(name)) enterCell()
    else return
    if (stack.length >= deepest && !empties.has(name)) return
    endBefore(name)
    const clean = cleanAttributes(written, attributes, remotePictures)
    if (name === 'img') image(clean.text, clean.picture, clean.alt)
    else if (empties.has(name)) put(`<${name}${clean.text}>`)
    else push(name, clean.text)
  }

  /** What a browser ends by itself when this begins. */
  function endBefore(name: string): void {
    if (blocks.has(name)) closeNearest('p', isWall)
    if (name === 'a') closeNearest('a', isWall)
    if (headings.has(name) && headings.has(stack.at(-1) ?? '')) pop()
    if (name === 'li') closeNearest('li', isBarrier)
    if (name === 'dd' || name === 'dt') {
      const found = nearest((other) => other === 'dd' || other === 'dt', isBarrier)
      if (found >= 0) closeTo(found)
    }
  }

  function image(text: string, picture: string, alt: string): void {
    if (picture !== '') pictures.add(picture)
    if (text.includes(' src="')) put(`<img${text}>`)
    else put(escapeText(alt.slice(0, 1000)))
  }

  return {
    length: () => length,
    open,
    close(written: string): void {
      const name = renamed[written] ?? written
      if (empties.has(name) || written === 'body') return
      closeNearest(name, holders.has(name) || name === 'table' ? (other) => other === 'table' : isWall)
    },
    text(words: string): void {
      if (words === '') return
      if (frames.has(stack.at(-1) ?? '')) {
        // Blanks between the rows of a table are its writer's, and nobody sees them.
        if (words.trim() === '') return
        enterCell()
      }
      put(escapeText(words))
    },
    done(): { readonly html: string; readonly pictures: readonly string[] } {
      closeTo(0)
      return { html: pieces.join(''), pictures: [...pictures] }
    },
  }
}

const isWall = (name: string): boolean => walls.has(name)
/** HTML 13.2.6.4.7: a list's item ends the one before it unless one of these stands between; an inline element does not. */
const isBarrier = (name: string): boolean => walls.has(name) || (blocks.has(name) && !['address', 'div', 'p'].includes(name))

/** References stay what they are: they make letters, never tags. */
// eslint-disable-next-line no-control-regex
const escapeText = (text: string): string => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]+/g, '').replace(/[<>]/g, (letter) => (letter === '<' ? '&lt;' : '&gt;'))
