/** How many recipients a mapping row may come to: as many as somebody who reads it counts. */
import { expect, test } from 'vitest'
import { compileMapping, evaluateMapping } from '#shared/mapping/evaluate.ts'
import type { Row } from '#shared/mapping/mapping.ts'
import type { Json } from '#shared/json.ts'
import { outgoingShape } from '#shared/shape.ts'

const stranger = 'ok@example.net, e@evil.test'
async function map(row: Omit<Row, 'to'>, data: Json = stranger): Promise<string> {
  const { value, problem } = await evaluateMapping(compileMapping([{ to: 'to', ...row }], outgoingShape, { receive: { kind: 'any', title: 'Mail' } }), { receive: { data } })
  if (problem) return problem.code
  const list = value['to'] as readonly { readonly address: string }[] // a list of addresses by the target's shape
  return list.map(({ address }) => address).join(' ')
}

test('[SX87] a mail\'s text is one address; a list is a list; what the author wrote is read as typed', async () => {
  expect(await map({ from: ['receive.data'] })).toBe('SEND_SEVERAL_ADDRESSES')
  expect(await map({ from: ['receive.data'] }, [stranger])).toBe('SEND_SEVERAL_ADDRESSES')
  expect(await map({ from: ['receive.data'] }, ['a@example.net', 'b@example.net'])).toBe('a@example.net b@example.net')
  expect(await map({ from: ['receive.data'], through: [{ fn: 'addressesOf' }] })).toBe('ok@example.net e@evil.test')
  expect(await map({ from: ['receive.data'] }, 'a@example.net\r\nBcc: e@evil.test, b@example.net')).toBe('SEND_BAD_ADDRESS')
  expect(await map({ value: 'a@example.org; Desk <b@example.org>' })).toBe('a@example.org b@example.org')
  expect(await map({ from: ['receive.data'], through: [{ fn: 'lookup', table: { sales: 'a@example.org, b@example.org' }, otherwise: 'c@example.org, d@example.org' }] }, 'Sales')).toBe('a@example.org b@example.org')
  expect(await map({ from: ['receive.data'], through: [{ fn: 'lookup', table: { sales: 'a@example.org' }, otherwise: 'c@example.org, d@example.org' }] })).toBe('c@example.org d@example.org')
  expect(await map({ from: ['receive.data'], when: { from: 'receive.data', is: 'contains', value: 'never' }, otherwise: 'a@example.org, b@example.org' })).toBe('a@example.org b@example.org')
  expect(await map({ expression: 'receive.data' })).toBe('SEND_SEVERAL_ADDRESSES')
})

test('[SX87] a template among addresses is cut before it is filled', async () => {
  expect(await map({ template: '{{receive.data}}, desk@example.org' }, 'a@example.net')).toBe('a@example.net desk@example.org')
  expect(await map({ template: '{{receive.data}}, desk@example.org' })).toBe('SEND_BAD_ADDRESS')
  expect(await map({ template: '{{receive.data}} <desk@example.org>' }, '" <e@evil.test>, "')).toBe('desk@example.org')
})
