/** Functions that choose between values. */
import { isJsonObject, type Json } from '#shared/json.ts'
import { isBlank, isTrue, toList, toText } from '../values.ts'
import { flagArg, param, textArg, type MappingFunction } from './function.ts'

export const lookupFunctions: readonly MappingFunction[] = [
  {
    name: 'lookup', title: 'Look up', help: 'Takes the value that a table has for this text; what is not in the table gives the other value.', group: 'lookup',
    params: [param('table', 'Table', 'pairs', {}, { required: true }), param('otherwise', 'If not in the table', 'text'), param('anyCase', 'Ignore case', 'boolean', true)],
    input: 'text', output: 'any',
    call: (value, args) => findInTable(args['table'] ?? null, toText(value).trim(), flagArg(args, 'anyCase')) ?? args['otherwise'] ?? '',
    example: { value: 'EXAMPLE.org', args: { table: { 'example.org': 'Support', 'elsewhere.net': 'Sales' } }, result: 'Support' },
  },
  {
    name: 'default', title: 'If empty', help: 'Another text where there is nothing.', group: 'lookup', params: [param('text', 'Text', 'text', '', { required: true })], input: 'any', output: 'same',
    call: (value, args) => (isBlank(value) || (typeof value === 'string' && value.trim() === '') ? (args['text'] ?? '') : value),
    example: { value: '', args: { text: '(no subject)' }, result: '(no subject)' },
  },
  {
    name: 'oneOf', title: 'First that is filled', help: 'Of several values the first that is not empty. All empty gives nothing.', group: 'lookup', params: [], input: 'list', output: 'any',
    call: (value) => toList(value).find((item) => !isBlank(item)) ?? null,
    example: { value: ['', 'reply@example.org', 'from@example.org'], args: {}, result: 'reply@example.org' },
  },
  {
    name: 'choose', title: 'Yes or no', help: 'One text when the value holds, another when it is empty, false or 0.', group: 'lookup',
    params: [param('yes', 'If yes', 'text', 'yes'), param('no', 'If no', 'text', 'no')], input: 'any', output: 'text',
    call: (value, args) => textArg(args, isTrue(value) ? 'yes' : 'no'),
    example: { value: true, args: { yes: 'urgent', no: 'normal' }, result: 'urgent' },
  },
]

function findInTable(table: Json, key: string, anyCase: boolean): Json | undefined {
  if (!isJsonObject(table)) return undefined
  if (Object.hasOwn(table, key)) return table[key]
  if (!anyCase) return undefined
  const wanted = key.toLowerCase()
  return Object.entries(table).find(([name]) => name.toLowerCase() === wanted)?.[1]
}
