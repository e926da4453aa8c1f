/** A flow that works in its mailbox before it sends: looks into a folder, files the mail away, and forwards it with what it found. */
import { flowSchema, type Flow } from '#shared/flow.ts'
import { forwardFlow } from '../world.ts'

export function filingFlow(change: Readonly<Record<string, unknown>> = {}): Flow {
  const [receive, map, send] = forwardFlow().nodes
  return flowSchema.parse({
    ...forwardFlow(),
    nodes: [
      receive,
      { id: 'find', kind: 'find-mails', config: { connection: 'inbox', folder: 'Archive', search: { from: '{{receive.from.address}}' } } },
      { id: 'folder', kind: 'create-folder', config: { connection: 'inbox', folder: 'Customers/{{receive.from.domain}}' } },
      { id: 'change', kind: 'change-mail', config: { do: 'move', target: 'Customers/{{receive.from.domain}}', ...change } },
      { ...map, config: { rows: [
        { to: 'to', value: 'tickets@dest.example' },
        { to: 'subject', template: 'Fwd: {{receive.subject}}, {{find.count}} before it, the last {{find.first.subject}}' },
        { to: 'text', from: ['receive.text'] },
      ] } },
      send,
    ],
    edges: [['receive', 'find'], ['find', 'folder'], ['folder', 'change'], ['change', 'map'], ['map', 'send']].map(([from, to]) => ({ from, to })),
  })
}
