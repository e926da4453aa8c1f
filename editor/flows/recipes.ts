/** New flows: a good file name from a spoken name, and drawings to start from with what is known already filled in. */
import type { Connection } from '#shared/connection.ts'
import { flowFormat, type Flow } from '#shared/flow.ts'
import { flowId, nodeId } from '#shared/ids.ts'
import { texts } from '../texts.ts'

export const recipes = ['forward', 'copy', 'file', 'empty'] as const
export type Recipe = (typeof recipes)[number]

/** `Müller & Söhne: Bestellungen` → `muller-sohne-bestellungen`; never one of `taken`. */
export function makeFlowId(name: string, taken: readonly string[]): string {
  const plain = name.normalize('NFKD').replace(/\p{Diacritic}/gu, '').toLowerCase()
  // 56: room for a number within the 64 characters of an id.
  const stem = plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+/, '').slice(0, 56).replace(/-+$/, '') || 'flow'
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? stem : `${stem}-${n}`
    if (!taken.includes(id)) return id
  }
}

type Known = Pick<Connection, 'id' | 'kind' | 'user'>

export function makeFlow(id: string, name: string, recipe: Recipe, connections: readonly Known[]): Flow {
  const base: Flow = { format: flowFormat, id: flowId(id), name, nodes: [], edges: [], view: { positions: {} } }
  if (recipe === 'empty') return base
  if (recipe === 'file') return fileMail(base, onlyOne(connections.filter((connection) => connection.kind === 'imap')))
  const inbox = onlyOne(mailboxesOf(connections))
  const outbox = onlyOne(connections.filter((connection) => connection.kind === 'smtp'))
  // Servers accept mail from the account's own address first of all.
  const from = [outbox?.user, inbox?.user].find((user) => user?.includes('@') === true)
  const [receive, map, send] = [nodeId('receive'), nodeId('map'), nodeId('send')]
  const subject = recipe === 'forward'
    ? { to: 'subject', from: ['receive.subject'], through: [{ fn: 'prepend', text: texts.newFlow.forwardPrefix }] }
    : { to: 'subject', from: ['receive.subject'] }
  return {
    ...base,
    nodes: [
      { id: receive, kind: 'receive-email', config: { ...(inbox === null ? {} : { connection: inbox.id }), folder: 'INBOX', ...(inbox?.kind === 'pop3' ? { after: { do: 'leave' } } : {}) } },
      { id: map, kind: 'map-data', config: { rows: [
        subject,
        { to: 'text', from: ['receive.text'] },
        { to: 'html', from: ['receive.html'] },
        { to: 'attachments', from: ['receive.attachments'] },
        { to: 'replyTo', from: ['receive.from'] },
      ] } },
      { id: send, kind: 'send-email', config: { ...(outbox === null ? {} : { connection: outbox.id }), ...(from === undefined ? {} : { from }) } },
    ],
    edges: [{ from: receive, to: map }, { from: map, to: send }],
    view: { positions: { [receive]: [0, 0], [map]: [280, 0], [send]: [560, 0] } },
  }
}

/** The step moves the mail itself, so nothing is left to do with it afterwards. */
function fileMail(base: Flow, inbox: Known | null): Flow {
  const [receive, change] = [nodeId('receive'), nodeId('change')]
  return {
    ...base,
    nodes: [
      { id: receive, kind: 'receive-email', config: { ...(inbox === null ? {} : { connection: inbox.id }), folder: 'INBOX', after: { do: 'leave' } } },
      { id: change, kind: 'change-mail', config: { do: 'move', target: `${texts.newFlow.fileFolder}{{receive.from.domain}}` } },
    ],
    edges: [{ from: receive, to: change }],
    view: { positions: { [receive]: [0, 0], [change]: [280, 0] } },
  }
}

/** Where an account can be read by IMAP, its POP3 connection leads to the same mails and can less. */
const mailboxesOf = (connections: readonly Known[]): readonly Known[] =>
  connections.filter(({ kind, user }) => kind === 'imap' || (kind === 'pop3' && !connections.some((one) => one.kind === 'imap' && one.user === user && user !== '')))

/** With several mailboxes a guess would be wrong as often as right; the person chooses. */
const onlyOne = <T>(list: readonly T[]): T | null => (list.length === 1 ? list[0] ?? null : null)
