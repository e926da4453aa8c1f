/** What is printed: texts of strangers (subjects, file names, servers' words) may not steer the terminal. */

/** One line without controls, escapes and marks that turn the writing direction round. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')

/** JSON of the same value: JSON.stringify leaves DEL, C1 and direction marks as they are, and some terminals obey these. */
export const jsonText = (value: unknown, indent = 0): string => JSON.stringify(value, null, indent).replace(/[\u007f-\u009f\p{Cf}\u2028\u2029]/gu, escapeUnits)

/** By UTF-16 unit, as JSON wants it (RFC 8259 section 7). */
const escapeUnits = (mark: string): string => mark.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
