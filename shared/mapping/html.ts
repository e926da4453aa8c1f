/** Text made safe to stand in HTML, be it between tags or inside a quoted attribute. */
import { clipText } from './values.ts'

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' }

export const escapeHtml = (text: string): string => clipText(clipText(text).replace(/[&<>"']/g, (letter) => entities[letter] ?? letter))

/** Line breaks are kept as `<br>`. */
export const textToHtml = (text: string): string => clipText(escapeHtml(text).replace(/\r\n|\r|\n/g, '<br>\n'))
