/** Where the tags of a mail's HTML begin and end, as browsers find them; each look is linear and never goes back. */

const isNameChar = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code === 0x3a || code === 0x2d

/** What stands at a "<". */
export type Markup =
  /** A comment, a declaration, or a tag that never ends: nothing to read. */
  | { readonly kind: 'none'; readonly next: number }
  /** A "<" that is text. */
  | { readonly kind: 'text'; readonly next: number }
  | { readonly kind: 'open' | 'close'; readonly name: string; /** What stands behind the name. */ readonly attributes: string; readonly selfClosing: boolean; readonly next: number }

export function readMarkup(html: string, open: number): Markup {
  const next = html.charCodeAt(open + 1)
  if (next === 0x21 /* ! */ || next === 0x3f /* ? */) {
    const [stop, length] = html.startsWith('<!--', open) ? [html.indexOf('-->', open + 4), 3] : [html.indexOf('>', open), 1]
    return { kind: 'none', next: stop < 0 ? html.length : stop + length }
  }
  const closing = next === 0x2f /* / */
  const from = closing ? open + 2 : open + 1
  let to = from
  while (isNameChar(html.charCodeAt(to))) to += 1
  if (to === from) return { kind: 'text', next: open + 1 }
  const end = tagEnd(html, to)
  if (end < 0) return { kind: 'none', next: html.length }
  return { kind: closing ? 'close' : 'open', name: html.slice(from, to).toLowerCase(), attributes: html.slice(to, end), selfClosing: html.charCodeAt(end - 1) === 0x2f, next: end + 1 }
}

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

/** Behind the end tag of an element whose content is not read; the end of the text when there is none. */
export function skipContent(html: string, from: number, name: string): number {
  const closing = new RegExp(`</${name}`, 'gi')
  closing.lastIndex = from
  const found = closing.exec(html)
  if (!found) return html.length
  const end = html.indexOf('>', found.index)
  return end < 0 ? html.length : end + 1
}
