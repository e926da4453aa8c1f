/** Functions on lists. A single value counts as a list of one, nothing as the empty list. */
import type { Json } from '#shared/json.ts'
import { joinTexts, toFlatList, toList, toText } from '../values.ts'
import { holdsText } from './text.ts'
import { boundedList, flagArg, param, textArg, type MappingFunction } from './function.ts'

export const listFunctions: readonly MappingFunction[] = [
  {
    name: 'join', title: 'Join', help: 'Makes one text of a list, with a text between the items. Empty items are left out.', group: 'list',
    params: [param('with', 'Between', 'text', ', ')], input: 'list', output: 'text',
    call: (value, args) => joinTexts(toFlatList(value).map(toText), textArg(args, 'with')),
    example: { value: ['jane@example.org', 'The printer is broken.'], args: { with: '\n\n' }, result: 'jane@example.org\n\nThe printer is broken.' },
  },
  {
    name: 'first', title: 'First', help: 'The first item of a list. An empty list gives nothing.', group: 'list', params: [], input: 'list', output: 'any',
    call: (value) => toList(value)[0] ?? null,
    example: { value: ['red', 'green'], args: {}, result: 'red' },
  },
  {
    name: 'last', title: 'Last', help: 'The last item of a list. An empty list gives nothing.', group: 'list', params: [], input: 'list', output: 'any',
    call: (value) => toList(value).at(-1) ?? null,
    example: { value: ['red', 'green'], args: {}, result: 'green' },
  },
  {
    name: 'count', title: 'Count', help: 'How many items a list has; 0 for nothing.', group: 'list', params: [], input: 'list', output: 'number',
    call: (value) => toList(value).length,
    example: { value: ['red', 'green'], args: {}, result: 2 },
  },
  {
    name: 'unique', title: 'Without doubles', help: 'Keeps the first of items that read the same.', group: 'list', params: [], input: 'list', output: 'list',
    call: (value) => unique(toList(value)),
    example: { value: ['a', 'b', 'a'], args: {}, result: ['a', 'b'] },
  },
  {
    name: 'filter', title: 'Keep some', help: 'Keeps the items that hold a text, or those that don\'t.', group: 'list',
    params: [param('contains', 'Containing', 'text', '', { required: true }), param('not', 'Not containing', 'boolean', false), param('anyCase', 'Ignore case', 'boolean', true)],
    input: 'list', output: 'list',
    call: (value, args) => boundedList(toList(value).filter((item) => holdsText(item, textArg(args, 'contains'), flagArg(args, 'anyCase')) !== flagArg(args, 'not'))),
    example: { value: ['jane@example.org', 'joe@elsewhere.net'], args: { contains: '@example.org' }, result: ['jane@example.org'] },
  },
]

function unique(items: readonly Json[]): readonly Json[] {
  const seen = new Set<string>()
  return boundedList(items.filter((item) => {
    // The kind is part of the key: the number 1 and the text "1" are two things.
    const key = `${typeof item}:${toText(item)}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  }))
}
