/** Functions between text and HTML. */
import { htmlToText } from '#shared/html-text.ts'
import { escapeHtml, textToHtml } from '../html.ts'
import { onText, type MappingFunction } from './function.ts'

export const htmlFunctions: readonly MappingFunction[] = [
  {
    name: 'htmlToText', title: 'HTML to text', help: 'Writes HTML as plain text: links, lists and quotes stay readable.', group: 'html', params: [], input: 'html', output: 'text',
    call: onText((value) => htmlToText(value)),
    example: { value: '<p>Hello <b>you</b></p>', args: {}, result: 'Hello you' },
  },
  {
    name: 'textToHtml', title: 'Text to HTML', help: 'Writes plain text as HTML: nothing in it can act as markup, line breaks stay.', group: 'html', params: [], input: 'text', output: 'html',
    call: onText((value) => textToHtml(value)),
    example: { value: '1 < 2\nyes', args: {}, result: '1 &lt; 2<br>\nyes' },
  },
  {
    name: 'escapeHtml', title: 'Escape HTML', help: 'Makes a text safe to stand inside HTML.', group: 'html', params: [], input: 'text', output: 'html',
    call: onText((value) => escapeHtml(value)),
    example: { value: 'a & b', args: {}, result: 'a &amp; b' },
  },
]
