/** Which attributes of a stranger's HTML are taken over, and what of their values: looks and links, nothing that loads, runs or moves out of its place. */
import { decodeEntities } from './html-entities.ts'
import { escapeHtml } from './mapping/html.ts'

/** Values of these are plain words, numbers and colours. */
const plain = new Set(['align', 'valign', 'bgcolor', 'color', 'face', 'size', 'width', 'height', 'border', 'cellpadding', 'cellspacing', 'colspan', 'rowspan', 'dir', 'lang', 'start', 'type', 'nowrap', 'noshade', 'clear'])
const plainValue = /^[\p{L}\p{N} #%.,_-]{0,100}$/u
const titles = new Set(['alt', 'title'])

export interface CleanAttributes {
  /** With a blank in front of each. */
  readonly text: string
  /** Of a picture: its Content-ID when it lies in the mail; '' for one that doesn't, which is left out. */
  readonly picture: string
  readonly alt: string
}

export function cleanAttributes(tag: string, attributes: string, remotePictures: boolean): CleanAttributes {
  let text = ''
  let style = ''
  let picture = ''
  let alt = ''
  const seen = new Set<string>()
  for (const [name, value] of readAttributes(attributes)) {
    // The first of a name counts, as in browsers.
    if (seen.has(name)) continue
    seen.add(name)
    if (name === 'style') style += cleanStyle(value)
    else if (tag === 'body') style += name === 'bgcolor' ? cleanStyle(`background-color:${value}`) : ''
    else if (name === 'href' && tag === 'a') text += written(name, cleanLink(value))
    else if (name === 'src' && tag === 'img') {
      picture = /^\s*cid:(\S{1,600})\s*$/i.exec(value)?.[1] ?? ''
      if (picture !== '' || isOwnPicture(value)) text += written('src', value.trim())
      else if (remotePictures) text += written('src', /^https?:/i.test(cleanLink(value)) ? cleanLink(value) : '')
    } else if (plain.has(name) && plainValue.test(value)) text += written(name, value)
    else if (titles.has(name)) {
      alt = name === 'alt' ? value : alt
      text += written(name, value.slice(0, 1000))
    }
  }
  return { text: text + written('style', style), picture, alt }
}

const written = (name: string, value: string): string => (value === '' && name !== 'alt' ? '' : ` ${name}="${escapeHtml(value)}"`)

/** Longer ones hold no look of a mail, only work for whoever reads them. */
const longestAttributes = 300_000
const attributePattern = /([^\s"'<>/=]+)(?:\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g

function* readAttributes(attributes: string): Generator<readonly [string, string]> {
  if (attributes.length > longestAttributes) return
  for (const [, name = '', double, single, bare] of attributes.matchAll(attributePattern)) {
    yield [name.toLowerCase(), decodeEntities(double ?? single ?? bare ?? '')]
  }
}

/** What browsers pass over inside an address must not hide its scheme. */
function cleanLink(value: string): string {
  // eslint-disable-next-line no-control-regex
  const link = value.replace(/[\u0000-\u0020\u007f-\u009f]+/g, (blanks) => (/^ +$/.test(blanks) ? ' ' : '')).trim()
  return /^(?:https?|mailto|tel):/i.test(link) && link.length <= 4000 ? link.replaceAll(' ', '%20') : ''
}

/** A picture that lies in the HTML itself. */
const isOwnPicture = (value: string): boolean => /^\s*data:image\/(?:png|gif|jpe?g|webp|bmp);base64,[A-Za-z0-9+/=\s]+$/i.test(value)

/** Neither position, size upwards, float nor transform: nothing may cover what stands outside. */
const looks = new Set([
  'color', 'background-color', 'background', 'font', 'font-family', 'font-size', 'font-style', 'font-weight', 'font-variant', 'text-align', 'text-decoration', 'text-transform', 'text-indent', 'letter-spacing', 'word-spacing', 'vertical-align', 'white-space',
  'direction', 'border', 'border-top', 'border-right', 'border-bottom', 'border-left', 'border-color', 'border-style', 'border-width', 'border-radius', 'border-collapse', 'border-spacing', 'padding', 'padding-top', 'padding-right', 'padding-bottom', 'padding-left',
  'margin', 'margin-top', 'margin-right', 'margin-bottom', 'margin-left', 'width', 'max-width', 'min-width', 'display', 'list-style-type', 'table-layout', 'word-break', 'overflow-wrap',
])
/** Words, numbers, lengths, colours, font names; the only functions are colours. */
const lookValue = /^(?:[\p{L}\p{N} #%.,/'"!+-]|rgba?\([\d\s.,%]{1,40}\)|hsla?\([\d\s.,%a-z]{1,40}\)){1,200}$/iu
const negative = /(?:^|[\s,(])-\s*[\d.]/

function cleanStyle(style: string): string {
  return style.slice(0, 20_000).split(';').map((declaration) => {
    const colon = declaration.indexOf(':')
    const name = declaration.slice(0, Math.max(colon, 0)).trim().toLowerCase()
    const value = declaration.slice(colon + 1).trim()
    return looks.has(name) && lookValue.test(value) && !negative.test(value) ? `${name}:${value};` : ''
  }).join('')
}
