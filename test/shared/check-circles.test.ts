/** Mail that would go in a circle between folders is warned of before a deploy. */
import { expect, test } from 'vitest'
import { checkFlow } from '#shared/flow-check.ts'
import { flowSchema, type Flow } from '#shared/flow.ts'

const connections = [{ id: 'inbox', kind: 'imap' }, { id: 'other', kind: 'imap' }, { id: 'outbox', kind: 'smtp' }]
type Config = Readonly<Record<string, unknown>>
const flowOf = (id: string, ...steps: readonly { readonly receive: Config; readonly change?: Config }[]): Flow => flowSchema.parse({
  format: 1, id, name: `Flow ${id}`,
  nodes: steps.flatMap(({ receive, change }, n) => [
    { id: `receive${n}`, kind: 'receive-email', config: { connection: 'inbox', ...receive } },
    ...(change ? [{ id: `change${n}`, kind: 'change-mail', config: change }] : [{ id: `send${n}`, kind: 'send-email', config: { connection: 'outbox', from: 'a@x.org', to: 'b@x.org' } }]),
  ]),
  edges: steps.map(({ change }, n) => ({ from: `receive${n}`, to: `${change ? 'change' : 'send'}${n}` })),
})
const circles = (flow: Flow, ...running: readonly Flow[]): readonly string[] => checkFlow(flow, { connections, running }).problems.map(({ code, severity, node, field, advice }) => `${code} ${severity} ${node} ${field}: ${advice}`)
const move = (folder: string) => ({ do: 'move', folder })

test('[RN147] a step that moves or copies into its own folder is warned of, INBOX in any letters', () => {
  expect(circles(flowOf('a', { receive: { after: move('Done') } }))).toEqual([])
  expect(circles(flowOf('a', { receive: { after: move('Inbox') } }))[0]).toMatch(/^FLOW_CIRCLE warning receive0 after: .*the folder that it watches, INBOX/)
  expect(circles(flowOf('a', { receive: { folder: 'Work' }, change: { do: 'copy', target: 'Work' } }))[0]).toMatch(/^FLOW_CIRCLE warning change0 target: /)
  expect(circles(flowOf('a', { receive: { folder: 'Work' }, change: { do: 'copy', target: '{{receive0.from.domain}}' } }))).toEqual([])
  expect(circles(flowOf('a', { receive: { folder: 'Work' }, change: { do: 'flag', target: 'Work' } }))).toEqual([])
})

test('[RN147] a circle by another step, another running flow, or over a third folder is warned of with who brings the mail back', () => {
  const there = flowOf('a', { receive: { after: move('Done') } })
  const back = flowOf('b', { receive: { folder: 'Done', onFailure: move('INBOX') } })
  expect(circles(there, back)).toEqual([expect.stringContaining('from INBOX to Done here, and back by the running flow "Flow b"')])
  expect(circles(there, { ...back, name: '' })).toEqual([expect.stringContaining('back by another running flow')])
  expect(circles(flowOf('a', { receive: { after: move('Done') } }, { receive: { folder: 'Done', after: move('INBOX') } }))).toHaveLength(2)
  expect(circles(flowOf('a', { receive: { also: [{ connection: 'inbox', folder: 'Done' }], after: move('Done') } }))).toHaveLength(1)
  expect(circles(there, flowOf('b', { receive: { folder: 'Done', after: move('Old') } }), flowOf('c', { receive: { folder: 'Old', after: move('INBOX') } }))).toEqual([expect.stringContaining('"Flow c"')])
  // Another account's folders of these names, an older version of the flow itself, and a circle of others alone are none.
  expect(circles(there, flowOf('b', { receive: { connection: 'other', folder: 'Done', after: move('INBOX') } }))).toEqual([])
  expect(circles(there, flowOf('a', { receive: { folder: 'Done', after: move('INBOX') } }))).toEqual([])
  expect(circles(flowOf('z', { receive: { folder: 'Far', after: move('Done') } }), there, back)).toEqual([])
})
