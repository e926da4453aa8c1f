/** Which of the attachments go along with a mail, by the settings of the step; whatever stays behind is named with its reason. */
import { escapeHtml } from '#shared/mapping/html.ts'
import { isLikeOne, mb, splitList } from '#shared/sending/attachments.ts'
import type { SendEmailConfig } from '#shared/nodes/send-email.ts'
import { sizeOfRaw } from '#runtime/raw.ts'
import { isShown, readShownIds, type AttachedBytes } from './compose-mail.ts'
import { stripControls } from './encode-header.ts'

export interface LeftOut {
  readonly name: string
  readonly size: number
  readonly reason: string
}
export interface ChosenFiles {
  readonly files: readonly AttachedBytes[]
  readonly html: string
  readonly leftOut: readonly LeftOut[]
}
export type FileRules = Pick<SendEmailConfig, 'filesNamed' | 'filesOfType' | 'fileMaxMb' | 'inlinePictures'>

export const leaveOut = (file: AttachedBytes, reason: string): LeftOut => ({ name: stripControls(file.was ?? file.name).slice(0, 200), size: sizeOfRaw(file.raw), reason })

/** A picture that the HTML shows belongs to the text: the rules for files are not asked about it, but for its own. */
export function chooseFiles(html: string, attached: readonly AttachedBytes[], rules: FileRules): ChosenFiles {
  if (attached.length === 0 && !/cid:/i.test(html)) return { files: attached, html, leftOut: [] }
  const names = splitList(rules.filesNamed)
  const types = splitList(rules.filesOfType)
  const shownIds = readShownIds(html)
  const reasonOf = (file: AttachedBytes): string => {
    if (isShown(file, shownIds)) return rules.inlinePictures === 'drop' ? 'pictures inside the text are left out' : ''
    if (!isLikeOne(file.name, names)) return `its name is not like ${names.join(', ')}`
    if (!isLikeOne(file.type, types)) return `its type, ${file.type || 'none'}, is not like ${types.join(', ')}`
    return rules.fileMaxMb > 0 && sizeOfRaw(file.raw) > rules.fileMaxMb * mb ? `larger than ${rules.fileMaxMb} MB` : ''
  }
  const judged = attached.map((file) => ({ file, reason: reasonOf(file) }))
  const files = judged.filter(({ reason }) => reason === '').map(({ file }) => file)
  // A picture that is left out by a rule is named once, as a file.
  const { lost } = withoutLostPictures(html, attached)
  return { files, html: withoutLostPictures(html, files).html, leftOut: [...judged.flatMap(({ file, reason }) => (reason === '' ? [] : [leaveOut(file, reason)])), ...lost] }
}

/**
 * The HTML without pictures that no file of the mail gives: a reader shows them as broken, whatever the server. Their
 * words stand in their place. Linear: a tag is looked at within its own length, and one of more than 8,000 letters is none.
 */
export function withoutLostPictures(html: string, files: readonly AttachedBytes[]): { readonly html: string; readonly lost: readonly LeftOut[] } {
  if (!/cid:/i.test(html)) return { html, lost: [] }
  const there = new Set(files.flatMap(({ cid }) => (cid === '' ? [] : [cid])))
  const lost: LeftOut[] = []
  const kept = html.replace(/<img\b[^<>]{0,8000}>/gi, (tag) => {
    const [, ...ways] = /\ssrc\s{0,20}=\s{0,20}(?:"\s{0,20}(cid:[^"]*)"|'\s{0,20}(cid:[^']*)'|(cid:[^\s"'>]+))/i.exec(tag) ?? []
    const source = ways.find((way) => way !== undefined)
    if (source === undefined || [...readShownIds(source)].some((id) => there.has(id))) return tag
    lost.push({ name: source.slice(0, 200), size: 0, reason: 'no attachment of the mail has this picture' })
    const [, quoted, single] = /\salt\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)')/i.exec(tag) ?? []
    return (quoted ?? single ?? '').replaceAll('"', escapeHtml('"'))
  })
  return { html: kept, lost }
}
