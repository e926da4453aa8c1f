/**
 * A mail's html made harmless: sanitised, without anything that reaches out, and wrapped in a document whose own policy
 * forbids the rest. It is only ever shown in an iframe with sandbox="" (no scripts, no forms, no navigation of ours).
 */
import DOMPurify from 'dompurify'
import { cleanSheet, cleanStyle } from './safe-css.ts'

export interface SafeHtml {
  /** For srcdoc. */
  readonly document: string
  /** Pictures that would have been fetched from somewhere. */
  readonly remotePictures: number
}

// Three fences, each of which would do: the sanitiser, this policy, and the sandboxed frame.
const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
const frameStyle = 'body{margin:12px;font:14px/1.5 system-ui,sans-serif;color:#1b2330;background:#fff;overflow-wrap:anywhere}img{max-width:100%;height:auto}a{color:#2456d6;text-decoration:underline}'

/** @param pictures those of the mail itself, as data: addresses, by their Content-ID */
export function makeSafeHtml(html: string, pictures: ReadonlyMap<string, string> = new Map()): SafeHtml {
  let remotePictures = 0
  const purifier = DOMPurify()
  purifier.addHook('uponSanitizeElement', (node, { tagName }) => {
    if (tagName !== 'style' || node.textContent === null) return
    const { css, taken } = cleanSheet(node.textContent)
    node.textContent = css
    remotePictures += taken
  })
  purifier.addHook('afterSanitizeAttributes', (node) => {
    // A link would navigate the frame; its address is shown instead, which is also what tells a phishing mail.
    const href = node.getAttribute('href')
    if (href !== null) {
      node.removeAttribute('href')
      node.setAttribute('title', href)
    }
    if (node instanceof HTMLElement) remotePictures += cleanStyle(node.style)
    for (const name of ['src', 'srcset', 'background', 'poster', 'xlink:href']) {
      const value = node.getAttribute(name)
      if (value === null || (name === 'src' && value.startsWith('data:image/'))) continue
      const own = name === 'src' ? pictureOf(value, pictures) : undefined
      if (own !== undefined) {
        node.setAttribute('src', own)
        continue
      }
      if (/^(https?:)?\/\//i.test(value)) remotePictures += 1
      node.removeAttribute(name)
    }
  })
  const body = purifier.sanitize(html, {
    FORBID_TAGS: ['form', 'input', 'button', 'select', 'textarea', 'audio', 'video', 'source', 'link', 'meta', 'base', 'iframe', 'object', 'embed', 'svg', 'math', 'dialog'],
    FORBID_ATTR: ['ping', 'action', 'formaction', 'autofocus', 'id', 'name'],
    ALLOW_DATA_ATTR: false,
    FORCE_BODY: true,
  })
  return { document: wrapDocument(body), remotePictures }
}

/** Only what the reader can't mistake for anything but a picture comes in (RFC 2392 writes the id as in a URL). */
function pictureOf(address: string, pictures: ReadonlyMap<string, string>): string | undefined {
  const [, id] = /^cid:(.+)$/i.exec(address.trim()) ?? []
  if (id === undefined) return undefined
  const found = pictures.get(id) ?? pictures.get(decoded(id))
  return found !== undefined && /^data:image\/(?:png|jpeg|gif|webp);base64,/.test(found) ? found : undefined
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}

const wrapDocument = (body: string): string =>
  `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="referrer" content="no-referrer"><style>${frameStyle}</style></head><body>${body}</body></html>`
