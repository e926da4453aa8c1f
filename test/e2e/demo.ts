/** A house with some life in it, for pictures: flows that run, one being drawn, mail that went well and mail that did not. */
import type { Flow } from '#shared/flow.ts'
import { flowSchema } from '#shared/flow.ts'
import { dropFolder, makeFolder, startProduct, type Product } from '../product.ts'
import { imapServer, type ImapServer } from '../servers/imap-server.ts'
import { smtpServer } from '../servers/smtp-server.ts'
import { until } from '../until.ts'
import { letter } from '../world.ts'

export interface Demo {
  readonly product: Product
  stop(): Promise<void>
}

export async function startDemo(): Promise<Demo> {
  const imap = await imapServer()
  const smtp = await smtpServer({
    rcpt: (to) => (to.startsWith('oncall@') ? '451 4.7.1 Greylisted, try again in 5 minutes' : to.startsWith('former@') ? '550 5.1.1 No such user here' : undefined),
    dot: (to, n) => (to.startsWith('ledger@') && n > 0 ? 'drop' : undefined),
  })
  const folder = await makeFolder()
  const product = await startProduct(folder)
  const stop = async (): Promise<void> => {
    await product.kill('SIGTERM')
    await smtp.stop()
    await imap.stop()
    await dropFolder(folder)
  }
  try {
    await furnish(product, imap, smtp.port)
  } catch (error) {
    await stop()
    throw error
  }
  return { product, stop }
}

async function furnish(product: Product, imap: ImapServer, smtpPort: number): Promise<void> {
  const { password } = imap.account()
  const connect = (id: string, name: string, more: Readonly<Record<string, unknown>>): Promise<unknown> =>
    product.api('PUT', `/api/connections/${id}`, { id, name, host: '127.0.0.1', security: 'none', ...more })
  await connect('support-inbox', 'Support inbox', { kind: 'imap', port: imap.port, user: 'u0', password, description: 'support@acme.example' })
  await connect('billing-inbox', 'Billing inbox', { kind: 'imap', port: imap.port, user: 'u1', password })
  await connect('alerts-inbox', 'Alerts inbox', { kind: 'imap', port: imap.port, user: 'u2', password })
  await connect('sales-inbox', 'Sales inbox', { kind: 'imap', port: imap.port, user: 'u3', password: 'changed last week' })
  await connect('orders-inbox', 'Orders inbox', { kind: 'imap', port: imap.port, user: 'u4', password })
  await connect('acme-outbox', 'Acme outbox', { kind: 'smtp', port: smtpPort, user: 'desk', password: 'desk-canary-19c2' })

  for (const mail of firstMails) imap.store.deliver('u0', mail)
  await product.deploy(tickets)
  await product.deploy(orders)
  await product.deploy(forward('invoices', 'Invoices to accounting', 'billing-inbox', 'ledger@accounting.example', 'Invoice: ', { onUnknown: 'park' }))
  await product.deploy(forward('alerts', 'Alerts to the people on call', 'alerts-inbox', 'oncall@acme.example, former@acme.example', '[on call] ', {}))
  await product.deploy(forward('sales', 'Sales enquiries', 'sales-inbox', 'sales@acme.example', 'Enquiry: ', {}))
  await product.deploy(trouble)
  await product.api('PUT', '/api/flows/newsletter', { format: 1, id: 'newsletter', name: 'Newsletter replies', nodes: [{ id: 'receive', kind: 'receive-email', config: {} }, { id: 'send', kind: 'send-email', config: {} }], edges: [{ from: 'receive', to: 'send' }] })

  const states = async (): Promise<string> => (await product.runs()).filter((run) => run.start === 'mail').map((run) => run.state).join(' ')
  const settled = (runs: number): Promise<string> => until(states, (all) => all.split(' ').length === runs && !/queued|running/.test(all))
  await settled(firstMails.length)
  // One after the other, so that the list has an order worth a picture.
  let count = firstMails.length
  for (const [user, mail] of laterMails) {
    imap.store.deliver(user, mail)
    count += 1
    await settled(count)
  }
}

const body = 'Hello,\n\nthe printer on floor 3 jams on every second page since this morning, asset PR-3-0417.\nCould someone have a look before the board meeting at three?\n\nThanks, Ana'.replaceAll('\n', '\r\n')
const firstMails = [
  letter('VPN drops every hour', { from: 'Jonas Weber <jonas.weber@client.example>' }),
  letter('New starter on Monday', { from: 'Priya Nair <priya@client.example>' }),
]
const laterMails: readonly (readonly [string, Buffer])[] = [
  ['u0', letter('Scanner is dark', { from: 'Marta Kowalska <marta@client.example>' })],
  ['u1', letter('2026-1187 from Northwind', { from: 'Northwind Billing <billing@northwind.example>' })],
  ['u0', letter('Access to the shared calendar', { from: 'Tom Okafor <tom@client.example>' })],
  ['u2', letter('disk 91 % on nas-2', { from: 'nas-2 <nas-2@acme.example>' })],
  ['u4', letter('Order 4711: 20 boxes of A4', { from: 'Mia Larsen <mia@northwind.example>' })],
  ['u0', letter('Two screens flicker in meeting room Ada', { from: 'Lena Fischer <lena.fischer@client.example>' })],
  ['u0', letter('Password of the door panel', { from: 'facility@client.example' })],
  ['u0', letter('Printer on floor 3 jams again', { from: 'Ana Pereira <ana.pereira@client.example>', body })],
]

export const tickets: Flow = flowSchema.parse({
  format: 1, id: 'support-tickets', name: 'Support mail to tickets',
  nodes: [
    { id: 'receive', kind: 'receive-email', config: { connection: 'support-inbox', startFrom: 'all' } },
    { id: 'map', kind: 'map-data', name: 'Map to ticket', config: { rows: [
      { to: 'to', value: 'tickets@acme.example' },
      { to: 'replyTo', from: ['receive.from.address'] },
      { to: 'subject', from: ['receive.subject'], through: [{ fn: 'prepend', text: 'Ticket: ' }, { fn: 'truncate', length: 80 }] },
      { to: 'text', from: ['receive.from.address', 'receive.text'], through: [{ fn: 'join', with: '\n\n' }] },
      { to: 'attachments', from: ['receive.attachments'] },
    ] } },
    { id: 'send', kind: 'send-email', config: { connection: 'acme-outbox', from: 'Acme Desk <desk@acme.example>' } },
  ],
  edges: [{ from: 'receive', to: 'map' }, { from: 'map', to: 'send' }],
  view: { positions: { receive: [0, 0], map: [260, 0], send: [520, 0] } },
})

const orders: Flow = flowSchema.parse({
  format: 1, id: 'orders', name: 'Orders into their customers’ folders',
  nodes: [
    { id: 'receive', kind: 'receive-email', config: { connection: 'orders-inbox', after: { do: 'leave' } } },
    { id: 'find', kind: 'find-mails', name: 'Earlier orders', config: { connection: 'orders-inbox', folder: 'INBOX', search: { from: '{{receive.from.address}}' } } },
    { id: 'change', kind: 'change-mail', name: 'Sort it', config: { do: 'move', target: 'Customers/{{receive.from.domain}}' } },
  ],
  edges: [{ from: 'receive', to: 'find' }, { from: 'find', to: 'change' }],
  view: { positions: { receive: [0, 0], find: [260, 0], change: [520, 0] } },
})

const trouble: Flow = flowSchema.parse({
  format: 1, id: 'trouble', name: 'Mailbox trouble to the lead',
  nodes: [
    { id: 'trouble', kind: 'mailbox-event', config: { mailboxes: 'all' } },
    { id: 'map', kind: 'map-data', config: { rows: [{ to: 'subject', from: ['trouble.summary'] }, { to: 'text', from: ['trouble.say'] }] } },
    { id: 'send', kind: 'send-email', config: { connection: 'acme-outbox', from: 'desk@acme.example', to: 'lead@acme.example' } },
  ],
  edges: [{ from: 'trouble', to: 'map' }, { from: 'map', to: 'send' }],
  view: { positions: { trouble: [0, 0], map: [260, 0], send: [520, 0] } },
})

const forward = (id: string, name: string, from: string, to: string, prefix: string, send: Readonly<Record<string, unknown>>): Flow => flowSchema.parse({
  format: 1, id, name,
  nodes: [
    { id: 'receive', kind: 'receive-email', config: { connection: from } },
    { id: 'map', kind: 'map-data', config: { rows: [{ to: 'subject', from: ['receive.subject'], through: [{ fn: 'prepend', text: prefix }] }, { to: 'text', from: ['receive.text'] }] } },
    { id: 'send', kind: 'send-email', config: { connection: 'acme-outbox', from: 'desk@acme.example', to, ...send } },
  ],
  edges: [{ from: 'receive', to: 'map' }, { from: 'map', to: 'send' }],
})
