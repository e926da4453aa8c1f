/** The order of a flow's nodes, over drawn and over random graphs. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { flowSchema } from '#shared/flow.ts'
import { nodesBefore, orderFlow, type FlowOrder, type Links } from '#shared/flow-order.ts'

const graph = (ids: string, edges: readonly string[]): Links => flowSchema.parse({
  format: 1, id: 'x', name: 'x', nodes: ids.split('').map((id) => ({ id, kind: id === 'r' ? 'receive-email' : 'map-data' })), edges: edges.map(([from, to]) => ({ from, to })),
})
const order = (ids: string, edges: readonly string[]): FlowOrder => orderFlow(graph(ids, edges), (kind) => kind === 'receive-email')

test('[FL20] each node runs behind all that lead into it, ties as in the file', () => {
  expect(order('dcbar', ['ra', 'rb', 'ac', 'bd']).order).toEqual(['r', 'a', 'b', 'c', 'd'])
  expect(order('rab', ['ra', 'ab', 'rb']).order).toEqual(['r', 'a', 'b'])
  expect(order('rab', ['ra']).reachable).toEqual(new Set(['r', 'a']))
})

test('[FL21] the nodes of a circle are named, not those around it', () => {
  expect(order('rabcd', ['ra', 'ab', 'bc', 'cb', 'cd']).cycle).toEqual(['b', 'c'])
  expect(order('ra', ['ra', 'aa']).cycle).toEqual(['a'])
  expect(order('rabcd', ['ra', 'ab', 'bc', 'cb', 'cd']).order).toEqual(['r', 'a'])
  expect([...nodesBefore(graph('rabc', ['ra', 'ab', 'ba', 'bc']), 'c')].sort()).toEqual(['a', 'b', 'r'])
})

test('[FL21] any graph is ordered as far as it can be', () => {
  const id = fc.constantFrom('r', 'a', 'b', 'c', 'd', 'e', 'f', 'g')
  fc.assert(fc.property(fc.array(fc.tuple(id, id).map((pair) => pair.join('')), { maxLength: 20 }), (edges) => {
    const { order: sorted, reachable, cycle } = order('rabcdefg', edges)
    const place = new Map(sorted.map((one, at) => [one, at]))
    for (const [from = '', to = ''] of edges) if (place.has(to) && place.has(from)) expect(place.get(from)).toBeLessThan(place.get(to) ?? -1)
    expect(new Set(sorted).size).toBe(sorted.length)
    expect(sorted.every((one) => reachable.has(one) && !cycle.includes(one))).toBe(true)
    // On a circle, or between two: something left over leads into each and something left over follows.
    for (const one of cycle) expect([edges.some(([from = '', to]) => to === one && cycle.includes(from)), edges.some(([from, to = '']) => from === one && cycle.includes(to))]).toEqual([true, true])
    expect(cycle.length > 0 || sorted.length === reachable.size).toBe(true)
  }), { numRuns: 500 })
})
