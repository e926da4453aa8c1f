/** Keeps a mail below the size that its step allows: what is too large is refused, or goes without its largest files and says so at its end. */
import { rmSync } from 'node:fs'
import { fault } from '#shared/errors.ts'
import { textToHtml } from '#shared/mapping/html.ts'
import { mb, type TooLarge } from '#shared/sending/attachments.ts'
import { sizeOfRaw } from '#runtime/raw.ts'
import { leaveOut, withoutLostPictures, type LeftOut } from './choose-files.ts'
import type { AttachedBytes, ComposedMail } from './compose-mail.ts'
import { base64LineBytes } from './encode-text.ts'
import type { Outgoing } from './outgoing.ts'

export interface FittedMail {
  readonly composed: ComposedMail
  readonly outgoing: Outgoing
  readonly files: readonly AttachedBytes[]
  readonly leftOut: readonly LeftOut[]
}
export interface FitRules { readonly limit: number; readonly tooLarge: TooLarge }

/** `compose` writes the mail; one that fits is written once, and what was written in vain is removed. */
export function fitMail(outgoing: Outgoing, files: readonly AttachedBytes[], { limit, tooLarge }: FitRules, compose: (outgoing: Outgoing, files: readonly AttachedBytes[]) => ComposedMail): FittedMail {
  let now: FittedMail = { composed: compose(outgoing, files), outgoing, files, leftOut: [] }
  while (sizeOfRaw(now.composed.raw) > limit) {
    const size = sizeOfRaw(now.composed.raw)
    if (now.composed.raw.kind === 'file') rmSync(now.composed.raw.path, { force: true })
    const going = tooLarge === 'fail' ? null : tooLarge === 'without' ? [] : withoutLargest(now.files, size - limit)
    if (going === null || now.files.length === 0) throw fault('SEND_TOO_LARGE', { size: sayMb(size), limit: sayMb(limit) })
    const dropped = files.filter((file) => !going.includes(file))
    const noted = withNote(outgoing, going, dropped, limit)
    now = { composed: compose(noted, going), outgoing: noted, files: going, leftOut: dropped.map((file) => leaveOut(file, `the mail would be larger than ${sayMb(limit)}`)) }
  }
  return now
}

/** Without so many of the largest that at least `excess` octets are gone, as sent. */
function withoutLargest(files: readonly AttachedBytes[], excess: number): readonly AttachedBytes[] {
  let left = excess
  const gone = new Set<AttachedBytes>()
  for (const file of files.toSorted((a, b) => sizeOfRaw(b.raw) - sizeOfRaw(a.raw))) {
    if (left <= 0) break
    gone.add(file)
    left -= sizeAsSent(file)
  }
  return files.filter((file) => !gone.has(file))
}

/** In base64, each line with its CRLF. */
function sizeAsSent({ raw }: AttachedBytes): number {
  const size = sizeOfRaw(raw)
  const rest = size % base64LineBytes
  return Math.floor(size / base64LineBytes) * 78 + (rest === 0 ? 0 : Math.ceil(rest / 3) * 4 + 2)
}

/** In both texts, where there are both: a reader shows one of them. */
function withNote(outgoing: Outgoing, going: readonly AttachedBytes[], dropped: readonly AttachedBytes[], limit: number): Outgoing {
  const names = dropped.map((file) => leaveOut(file, '')).slice(0, namedFiles).map(({ name, size }) => `- ${name} (${sayMb(size)})`)
  const more = dropped.length > names.length ? [`- and ${dropped.length - names.length} more`] : []
  const note = [`Not attached, because this mail may have ${sayMb(limit)} at most:`, ...names, ...more].join('\n')
  const { html } = withoutLostPictures(outgoing.html, going)
  return {
    ...outgoing,
    text: outgoing.html === '' || outgoing.text !== '' ? `${outgoing.text.trimEnd()}${outgoing.text.trim() === '' ? '' : '\n\n'}${note}\n` : outgoing.text,
    html: html === '' ? '' : putAtEnd(html, `<p>${textToHtml(note)}</p>`),
  }
}

/** Nobody reads a longer list, and a mail of a thousand files must not grow by their names. */
const namedFiles = 20
const sayMb = (bytes: number): string => (bytes < mb / 10 ? `${Math.ceil(bytes / 1000)} kB` : `${Math.round(bytes / mb * 10) / 10} MB`)

/** Behind the body's end readers may leave it away. */
function putAtEnd(html: string, more: string): string {
  const end = html.toLowerCase().lastIndexOf('</body')
  return end < 0 ? `${html}\n${more}\n` : `${html.slice(0, end)}${more}\n${html.slice(end)}`
}
