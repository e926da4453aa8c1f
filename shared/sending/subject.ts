/** Subjects of answers: one "Re:" or "Fwd:" stands in front, whatever marks of whatever language stood there; a list's `[tag]` stays. */
import { subjectLetters } from './limits.ts'

/**
 * What mail programs put before a subject, by language: replies, then forwards. Left out are words that people begin
 * subjects with themselves ("Ref:", "Att:").
 */
const words = [
  're', 'aw', 'antw', 'antwort', 'sv', 'vs', 'vá', 'rif', 'res', 'odp', 'ynt', 'bls', 'ha', 'απ', 'σχετ', 'отв', 'ответ', 'отг', 'השב', 'رد', '回复', '回覆', '答复', '答覆', '返信', '답장', '회신',
  'fw', 'fwd', 'wg', 'tr', 'rv', 'enc', 'pd', 'vb', 'vl', 'ilt', 'İlt', 'doorst', 'továbbítás', 'trs', 'πρθ', 'пересл', 'прд', 'הועבר', '转发', '轉寄', '轉發', '転送', '전달',
]
/** `Re[2]:`, `RE^3:`, `Re(4):` count, French has a blank before its colon, and some colons are full width. */
const mark = new RegExp(`(?:${words.join('|')})(?:\\[\\d{1,4}\\]|\\(\\d{1,4}\\)|\\^\\d{1,4}|\\*\\d{1,4})?\\s{0,3}[:：]\\s*`, 'iuy')
/** Outlook's Italian; a letter and a colon begin other subjects too, so only as Outlook writes them. */
const letterMark = /[RI]: +/y
const tag = /\[[^[\]]{1,60}\]\s*/y

/** Tags and text without any mark. Linear: each step goes on where the last one ended. */
export function bareSubject(subject: string): string {
  const text = subject.trim()
  const seen = new Set<string>()
  let tags = ''
  let at = 0
  for (;;) {
    const isMark = [mark, letterMark].some((pattern) => {
      pattern.lastIndex = at
      const found = pattern.test(text)
      if (found) at = pattern.lastIndex
      return found
    })
    if (isMark) continue
    tag.lastIndex = at
    const [found] = tag.exec(text) ?? []
    if (found === undefined) break
    at = tag.lastIndex
    // Lists put their tag before the "Re:" as well as behind it.
    if (!seen.has(found.trim())) tags = joined(tags, found)
    seen.add(found.trim())
  }
  const rest = text.slice(at)
  return (tags === '' ? rest : joined(tags, rest)).trim()
}

/** Where a mark stood between two, a blank does; what its writer put side by side stays so. */
const joined = (tags: string, next: string): string => (tags === '' || next === '' || tags.endsWith(' ') || next.startsWith('[') ? tags + next : `${tags} ${next}`)

export const answerSubject = (subject: string, with_: 'Re:' | 'Fwd:'): string => `${with_} ${bareSubject(subject)}`.slice(0, subjectLetters).toWellFormed().trim()
