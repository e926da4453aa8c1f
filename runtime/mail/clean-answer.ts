/** A server's words made fit for people and logs: one line, bounded, nothing that moves a cursor; the codes stay in front. */
import { answerChars } from '#runtime/limits.ts'

export function cleanAnswer(answer: string): string {
  const line = answer
    // A reply of many lines repeats its code on each (RFC 5321 section 4.2.1); once is enough.
    .replace(/\r?\n(?:\d{3}[ -])?/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
  return line.length > answerChars ? `${line.slice(0, answerChars - 1)}…` : line
}
