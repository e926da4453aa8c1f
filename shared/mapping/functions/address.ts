/** Functions on addresses: of a typed line they read its first address, of a list each item. */
import { parseAddresses } from '#shared/address.ts'
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts'
import { isAddressLike, isBlank, toFlatList, toText } from '../values.ts'
import { boundedList, type MappingFunction, type ValueKind } from './function.ts'

interface Read { readonly name: string; readonly address: string; readonly domain: string }

const address = (
  name: string, title: string, help: string, output: ValueKind, pick: (read: Read) => Json, example: MappingFunction['example'],
): MappingFunction => ({
  name, title, help, group: 'address', params: [], input: 'address', output, example,
  call: (value) => {
    if (Array.isArray(value)) return boundedList(toFlatList(value).flatMap(readAll).map(pick).filter((part) => !isBlank(part)))
    const [first] = readAll(value)
    return first ? pick(first) : ''
  },
})

const jane: JsonObject = { name: 'Jane Doe', address: 'jane@example.org', domain: 'example.org' }

export const addressFunctions: readonly MappingFunction[] = [
  address('domainOf', 'Domain', 'The part behind the @. No address gives nothing.', 'text', (read) => read.domain,
    { value: jane, args: {}, result: 'example.org' }),
  address('localPart', 'Part before the @', 'The part in front of the @. No address gives nothing.', 'text',
    (read) => read.address.slice(0, Math.max(read.address.lastIndexOf('@'), 0)),
    { value: 'Jane <jane@example.org>', args: {}, result: 'jane' }),
  address('displayName', 'Name, else address', 'The name that belongs to the address, or the address where there is none.', 'text',
    (read) => read.name || read.address,
    { value: jane, args: {}, result: 'Jane Doe' }),
  {
    name: 'addressesOf', title: 'Addresses only', help: 'The bare addresses, without names, as a list. What is no address is left out.', group: 'address',
    params: [], input: 'address', output: 'list',
    call: (value) => boundedList(toFlatList(value).flatMap(readAll).map((read) => read.address)),
    example: { value: 'Jane <jane@example.org>, ops@example.org', args: {}, result: ['jane@example.org', 'ops@example.org'] },
  },
]

function readAll(value: Json): readonly Read[] {
  if (!isJsonObject(value)) return parseAddresses(toText(value)).addresses
  if (!isAddressLike(value) || value.address === '') return []
  const { name, address, domain } = value
  return [{ name, address, domain: typeof domain === 'string' ? domain : address.slice(address.lastIndexOf('@') + 1) }]
}
