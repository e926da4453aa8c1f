/** Functions on text; given a list they work on each of its items. */
import type { Json } from '#shared/json.ts'
import { findFirst, replaceMatches } from '../pattern.ts'
import { isBlank, toText } from '../values.ts'
import { maxPad, maxTextChars } from '../limits.ts'
import { countArg, flagArg, onText, param, textArg, type MappingFunction } from './function.ts'

const text = (
  name: string, title: string, help: string, params: MappingFunction['params'], change: Parameters<typeof onText>[0], example: MappingFunction['example'],
): MappingFunction => ({ name, title, help, group: 'text', params, input: 'text', output: 'text', call: onText(change), example })

export const textFunctions: readonly MappingFunction[] = [
  text('prepend', 'Put in front', 'Puts a text in front. Nothing stays nothing.', [param('text', 'Text', 'text', '', { required: true })],
    (value, args) => textArg(args, 'text') + value,
    { value: 'Printer broken', args: { text: 'Ticket: ' }, result: 'Ticket: Printer broken' }),
  text('append', 'Put behind', 'Puts a text behind. Nothing stays nothing.', [param('text', 'Text', 'text', '', { required: true })],
    (value, args) => value + textArg(args, 'text'),
    { value: 'Hello', args: { text: '!' }, result: 'Hello!' }),
  text('trim', 'Trim', 'Removes blanks and line breaks at both ends, and makes each run of blanks inside one.', [],
    (value) => value.replace(/[ \t]+/g, ' ').trim(),
    { value: '  two   words ', args: {}, result: 'two words' }),
  text('uppercase', 'Upper case', 'Writes everything in capitals.', [], (value) => value.toUpperCase(),
    { value: 'straße', args: {}, result: 'STRASSE' }),
  text('lowercase', 'Lower case', 'Writes everything in small letters.', [], (value) => value.toLowerCase(),
    { value: 'Hello', args: {}, result: 'hello' }),
  text('capitalize', 'Capitalize', 'Makes the first letter a capital, or that of each word.', [param('each', 'Each word', 'boolean', false)],
    (value, args) => capitalize(value, flagArg(args, 'each')),
    { value: 'jane doe', args: { each: true }, result: 'Jane Doe' }),
  text('replace', 'Replace', 'Replaces every occurrence of a text by another.',
    [param('find', 'Find', 'text', '', { required: true }), param('with', 'Replace with', 'text'), param('anyCase', 'Ignore case', 'boolean', false)],
    (value, args) => replaceText(value, textArg(args, 'find'), textArg(args, 'with'), flagArg(args, 'anyCase')),
    { value: 'Re: Re: hello', args: { find: 'Re: ', with: '' }, result: 'hello' }),
  text('replacePattern', 'Replace pattern', 'Replaces every match of a pattern (RE2 syntax); $1 stands for the first group. A pattern that can\'t be read changes nothing.',
    [param('pattern', 'Pattern', 'pattern', '', { required: true }), param('with', 'Replace with', 'text'), param('anyCase', 'Ignore case', 'boolean', false)],
    (value, args) => replaceMatches(value, textArg(args, 'pattern'), flagArg(args, 'anyCase'), textArg(args, 'with')),
    { value: 'Order 4711', args: { pattern: '(\\d+)', with: '#$1' }, result: 'Order #4711' }),
  text('extract', 'Extract', 'Takes the first match of a pattern (RE2 syntax), or of one of its groups. No match gives nothing.',
    [param('pattern', 'Pattern', 'pattern', '', { required: true }), param('group', 'Group', 'number', null), param('anyCase', 'Ignore case', 'boolean', false)],
    (value, args) => {
      const groups = findFirst(value, textArg(args, 'pattern'), flagArg(args, 'anyCase'))
      // Without a group named: the first group when the pattern has one, for that is why people write brackets.
      return groups[countArg(args, 'group', groups.length > 1 ? 1 : 0, 0, 99)] ?? ''
    },
    { value: 'Re: Order #4711 is late', args: { pattern: '#(\\d+)' }, result: '4711' }),
  text('truncate', 'Shorten', 'Cuts after so many letters; the ending stands where something was cut.',
    [param('length', 'Letters', 'number', 100, { required: true }), param('ending', 'Ending', 'text', '…')],
    (value, args) => truncate(value, countArg(args, 'length', 100, 0, maxTextChars), textArg(args, 'ending')),
    { value: 'A long subject', args: { length: 7 }, result: 'A long…' }),
  text('substringBefore', 'Part before', 'What stands before the first occurrence of a text; all of it when the text is not there.', [param('text', 'Text', 'text', '', { required: true })],
    (value, args) => {
      const find = textArg(args, 'text')
      const at = value.indexOf(find)
      return find === '' || at < 0 ? value : value.slice(0, at)
    },
    { value: 'jane@example.org', args: { text: '@' }, result: 'jane' }),
  text('substringAfter', 'Part after', 'What stands after the first occurrence of a text; all of it when the text is not there.', [param('text', 'Text', 'text', '', { required: true })],
    (value, args) => {
      const find = textArg(args, 'text')
      const at = value.indexOf(find)
      return at < 0 ? value : value.slice(at + find.length)
    },
    { value: 'jane@example.org', args: { text: '@' }, result: 'example.org' }),
  text('pad', 'Fill up', 'Fills up to a width; a negative width fills in front.',
    [param('width', 'Width', 'number', 0, { required: true }), param('with', 'Fill with', 'text', ' ')],
    (value, args) => pad(value, countArg(args, 'width', 0, -maxPad, maxPad), textArg(args, 'with')),
    { value: '7', args: { width: -3, with: '0' }, result: '007' }),
  {
    name: 'length', title: 'Length', help: 'How many letters a text has; 0 for nothing.', group: 'text', params: [], input: 'text', output: 'number',
    call: (value) => countLetters(toText(value)),
    example: { value: 'Grüße', args: {}, result: 5 },
  },
  {
    name: 'contains', title: 'Contains', help: 'Whether a text, or any item of a list, holds another text.', group: 'text',
    params: [param('text', 'Text', 'text', '', { required: true }), param('anyCase', 'Ignore case', 'boolean', true)], input: 'text', output: 'boolean',
    call: (value, args) => holdsText(value, textArg(args, 'text'), flagArg(args, 'anyCase')),
    example: { value: 'Invoice 7', args: { text: 'invoice' }, result: true },
  },
  {
    name: 'split', title: 'Split', help: 'Cuts a text into a list at each occurrence of a separator.', group: 'text',
    params: [param('at', 'At', 'text', ',', { required: true }), param('trim', 'Trim each', 'boolean', true)], input: 'text', output: 'list',
    call: (value, args) => {
      if (isBlank(value)) return []
      const at = textArg(args, 'at')
      const parts = at === '' ? [toText(value)] : toText(value).split(at, 100_000)
      return flagArg(args, 'trim') ? parts.map((part) => part.trim()) : parts
    },
    example: { value: 'red, green', args: { at: ',' }, result: ['red', 'green'] },
  },
]

const capitalize = (value: string, each: boolean): string => (each ? value.split(' ').map(raise).join(' ') : raise(value))

function raise(word: string): string {
  const [first = ''] = word
  return first.toUpperCase() + word.slice(first.length)
}

function replaceText(value: string, find: string, by: string, anyCase: boolean): string {
  if (find === '') return value
  // Some letters change their length in lower case (İ), which would shift every place behind them; those are compared as they are.
  const folded = anyCase && value.toLowerCase().length === value.length ? value.toLowerCase() : value
  const wanted = folded === value ? find : find.toLowerCase()
  let result = ''
  let from = 0
  for (let at = folded.indexOf(wanted); at >= 0 && result.length <= maxTextChars; at = folded.indexOf(wanted, from)) {
    result += value.slice(from, at) + by
    from = at + wanted.length
  }
  return result + value.slice(from)
}

/** Cuts between letters, never inside a surrogate pair. */
function truncate(value: string, length: number, ending: string): string {
  if (value.length <= length) return value
  const keep = Math.max(length - ending.length, 0)
  const cut = value.slice(0, keep)
  const half = cut.charCodeAt(cut.length - 1)
  return (half >= 0xd800 && half <= 0xdbff ? cut.slice(0, -1) : cut).trimEnd() + ending.slice(0, length)
}

const pad = (value: string, width: number, fill: string): string =>
  width < 0 ? value.padStart(-width, fill) : value.padEnd(width, fill)

/** Letters as people count them: a surrogate pair is one. */
function countLetters(value: string): number {
  let count = 0
  for (const _ of value) count += 1
  return count
}

export function holdsText(value: Json, text: string, anyCase: boolean): boolean {
  if (Array.isArray(value)) return value.some((item) => holdsText(Array.isArray(item) ? toText(item) : item, text, anyCase))
  const whole = toText(value)
  return anyCase ? whole.toLowerCase().includes(text.toLowerCase()) : whole.includes(text)
}
