/**
 * A small world around the product: an IMAP server and an SMTP server in this process, the product in its own, with one
 * flow from the one to the other. The product can be killed anywhere and started again on what it left.
 */
import { type Flow, flowSchema } from '#shared/flow.ts'
import type { Row } from '#shared/mapping/mapping.ts'
import type { RunSummary } from '#shared/run.ts'
import type { FaultPoint } from '#runtime/faults.ts'
import { dropFolder, makeFolder, type Product, startProduct } from './product.ts'
import { type ImapFaults, imapServer, type ImapServer } from './servers/imap-server.ts'
import { type Pop3Faults, pop3Server } from './servers/pop3-server.ts'
import { type ScriptedSmtp, smtpServer, type SmtpScript } from './servers/smtp-server.ts'
import { until } from './until.ts'

export interface World {
  readonly imap: ImapServer
  readonly smtp: ScriptedSmtp
  readonly folder: string
  product: Product
  /** Puts a mail into the inbox. */
  arrive(mail: Buffer): void
  /** Unread mails of the inbox; by POP3 all are. */
  unread(): number
  /** Kills or ends the product and starts it on the same data. */
  restart(signal?: NodeJS.Signals, env?: Readonly<Record<string, string>>): Promise<void>
  /** Starts the product on the same data after it has died by itself at a fault point. */
  startAgain(env?: Readonly<Record<string, string>>): Promise<void>
  /** Resolves when this many runs exist and none is under way. */
  settled(runs: number): Promise<readonly RunSummary[]>
  /** Subjects the SMTP server accepted, in order. */
  subjects(): readonly string[]
  stop(): Promise<void>
}

export interface WorldOptions {
  /** Instead of the one that forwards. */
  readonly flow?: Flow
  readonly imap?: ImapFaults
  /** How the inbox is read; by IMAP unless told. */
  readonly by?: 'imap' | 'pop3'
  readonly pop3?: Pop3Faults
  readonly inbox?: readonly Buffer[]
  readonly smtp?: SmtpScript
  readonly receive?: Readonly<Record<string, unknown>>
  readonly send?: Readonly<Record<string, unknown>>
  /** Where the product keeps its data, an empty folder; one of its own unless told. */
  readonly folder?: string
  /** Further environment of the product's first process. */
  readonly env?: Readonly<Record<string, string>>
  /** The product is killed at this point once the flow is deployed. */
  readonly crashAt?: FaultPoint | `${FaultPoint}:${number}`
}

/** A plain mail; what tests vary of it is its subject. */
export const letter = (subject: string, more: { readonly from?: string; readonly headers?: readonly string[]; readonly body?: string } = {}): Buffer =>
  Buffer.from([
    `From: ${more.from ?? 'Ana Pereira <ana@client.example>'}`, 'To: support@example.org', `Subject: ${subject}`, `Message-ID: <${subject.replace(/\W+/g, '-')}@client.example>`,
    'Date: Fri, 20 Nov 2026 10:00:00 +0000', 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', ...(more.headers ?? []), '', more.body ?? `About ${subject}.`, '',
  ].join('\r\n'))

type Config = Readonly<Record<string, unknown>>
/** From the mailbox through these rows to the outbox, all of it; the rhythms are short, because servers on loopback answer at once. */
export const flowThrough = (id: string, rows: readonly Row[], receive: Config = {}, send: Config = {}): Flow => flowSchema.parse({
  format: 1, id, name: id.charAt(0).toUpperCase() + id.slice(1),
  nodes: [
    { id: 'receive', kind: 'receive-email', config: { connection: 'inbox', startFrom: 'all', delaySeconds: 1, maxEmails: -1, ...receive } },
    { id: 'map', kind: 'map-data', config: { rows } },
    { id: 'send', kind: 'send-email', config: { connection: 'outbox', from: 'desk@example.org', retry: { firstSeconds: 1, factor: 1, maxSeconds: 1, giveUpHours: 1 }, ...send } },
  ],
  edges: [{ from: 'receive', to: 'map' }, { from: 'map', to: 'send' }],
})
/** Who it goes to, under which subject, with its text and files. */
export const rowsTo = (to: string, prefix: string): readonly Row[] => [
  { to: 'to', value: to },
  { to: 'subject', from: ['receive.subject'], through: [{ fn: 'prepend', text: prefix }] },
  { to: 'text', from: ['receive.text'] },
  { to: 'attachments', from: ['receive.attachments'] },
]

/** Everything unread is forwarded. */
export const forwardFlow = (receive: Config = {}, send: Config = {}): Flow => flowThrough('forward', rowsTo('tickets@dest.example', 'Fwd: '), receive, send)

export async function mailWorld(options: WorldOptions = {}): Promise<World> {
  const imap = await imapServer(options.imap)
  const pop3 = options.by === 'pop3' ? await pop3Server(options.pop3) : null
  const inbox = pop3 ?? imap
  const smtp = await smtpServer(options.smtp)
  const folder = options.folder ?? await makeFolder()
  let product = await startProduct(folder, options.env ? { env: options.env } : {}).catch(async (error: unknown) => {
    for (const stop of [smtp.stop, imap.stop, () => pop3?.stop(), () => dropFolder(folder)]) await stop()
    throw error
  })
  const { password } = inbox.account()
  await product.api('PUT', '/api/connections/inbox', { id: 'inbox', name: 'Inbox', kind: options.by ?? 'imap', host: '127.0.0.1', port: inbox.port, security: 'none', user: 'u0', password })
  await product.api('PUT', '/api/connections/outbox', { id: 'outbox', name: 'Outbox', kind: 'smtp', host: '127.0.0.1', port: smtp.port, security: 'none' })
  const deliver = (mail: Buffer) => { inbox.store.deliver('u0', mail) }
  for (const mail of options.inbox ?? []) deliver(mail)
  if (options.crashAt) {
    // The point is armed only now, so that nothing dies before there is anything to lose.
    await product.kill('SIGTERM')
    product = await startProduct(folder, { env: { MAILWEAVE_FAULT: options.crashAt } })
  }
  await product.deploy(options.flow ?? forwardFlow(options.receive, options.send))

  const world: World = {
    imap, smtp, folder, product,
    arrive: deliver,
    unread: () => inbox.store.folder('u0', 'INBOX')?.mails.filter((mail) => !mail.flags.has('\\Seen')).length ?? 0,
    restart: async (signal = 'SIGKILL', env = {}) => {
      await world.product.kill(signal)
      world.product = await startProduct(folder, { env })
    },
    startAgain: async (env = {}) => {
      await world.product.ended
      world.product = await startProduct(folder, { env })
    },
    settled: (runs) => until(() => world.product.runs(), (all) => all.length === runs && all.every((run) => run.state === 'done' || run.state === 'failed' || run.state === 'unknown')),
    subjects: () => smtp.accepted.map((mail) => /^Subject: (.*)$/m.exec(mail.bytes.toString())?.[1]?.trim() ?? ''),
    stop: async () => {
      await world.product.kill('SIGTERM')
      await smtp.stop()
      await imap.stop()
      await pop3?.stop()
      await dropFolder(folder)
    },
  }
  return world
}

/** Message-IDs of what the server accepted, each as often as it came. */
export function messageIds(smtp: ScriptedSmtp): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const mail of smtp.accepted) {
    const id = /^Message-ID: (.*)$/im.exec(mail.bytes.toString())?.[1]?.trim() ?? ''
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return counts
}
