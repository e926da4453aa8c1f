/** A stranger's HTML on its way into a mail of ours: balanced, without scripts, forms and whatever else acts; it looks as it did, with its pictures. */
import { sanitiseHtml } from '../sanitise-html.ts'
import { maxTextChars } from './limits.ts'

export const cleanForeign = (html: string): string => sanitiseHtml(html, maxTextChars, 'all').html
