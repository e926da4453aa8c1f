/**
 * What a person decides about mails in the outbox, and edits in them. A row is out of everybody's hands meanwhile, who
 * has the mail is never sent it again, and its run goes on from there; its mail in the mailbox is not settled twice (LG50).
 */
import type { SendEdit } from '#shared/api.ts'
import { isAddress, parseAddress } from '#shared/address.ts'
import { fault } from '#shared/errors.ts'
import type { EventStream } from '#shared/events.ts'
import { connectionId, type FlowId, type RunId, type SendId, sendId } from '#shared/ids.ts'
import { defaultRetry, type SendEmailConfig } from '#shared/nodes/send-email.ts'
import { copyWanted } from '#shared/sending/copy.ts'
import { concernedBy, type DecisionKind, decisionRules, editable, mayDecide } from '#shared/outbox.ts'
import type { SendView } from '#shared/run.ts'
import type { Clock } from '../clock.ts'
import type { Raw } from '../raw.ts'
import type { Replacement } from '../store/outbox-pages.ts'
import type { ClaimedSend, Store } from '../store/store.ts'
import type { Outbox } from './outbox.ts'
import { addMs } from './retry.ts'
import { configOf, type Versions } from './versions.ts'

export type NewWords = Pick<SendEdit, 'subject' | 'text' | 'html'>
/** The mail with other words, which is another mail with a Message-ID of its own. */
export type Rewrite = (raw: Raw, words: NewWords, copy: { readonly run: RunId; readonly id: SendId; readonly replaces: string }) => Promise<{ readonly raw: Raw; readonly messageId: string }>

export interface DecideDeps {
  readonly store: Pick<Store, 'send' | 'sendsOfRun' | 'rawOfSend' | 'recordOutcome' | 'replaceSend' | 'hasten'>
  readonly rewrite: Rewrite
  readonly versions: Versions
  readonly outbox: Pick<Outbox, 'reserve' | 'addNow' | 'wake'>
  readonly events: EventStream
  readonly clock: Clock
  /** Writes what the rows make of their run from here on. */
  readonly runGoesOn: (run: RunId, flow: FlowId) => Promise<void>
}

export interface Deciding {
  /** RUN_NOT_FOUND when there is no such row, API_BAD_REQUEST when there is nothing to decide, RUN_BYTES_DROPPED. */
  readonly decide: (send: SendId, decision: DecisionKind, by: string) => Promise<void>
  /** The edited copy's id. As decide, and SEND_BAD_ADDRESS. */
  readonly edit: (send: SendId, change: SendEdit, by: string) => Promise<SendId>
}

export function makeDeciding({ store, rewrite, versions, outbox, events, clock, runGoesOn }: DecideDeps): Deciding {
  /** Does something to a row that nobody else touches meanwhile. */
  async function onRow<T>(id: SendId, act: (send: SendView) => Promise<T>, released = (): void => undefined): Promise<T> {
    const release = outbox.reserve(id)
    if (!release) throw fault('API_BAD_REQUEST', { reason: 'This mail is being sent right now. Look again in a moment.' })
    try {
      const send = await store.send(id)
      if (!send) throw fault('RUN_NOT_FOUND', { id })
      const result = await act(send)
      await runGoesOn(send.run, send.flow)
      events.emit({ type: 'send.decided', send: id, run: send.run, node: send.node })
      return result
    } finally {
      release()
      released()
      outbox.wake()
    }
  }

  /** As the flow has them, as far as its version can still be read. */
  const rulesOf = (send: SendView): Promise<Pick<SendEmailConfig, 'retry' | 'copy' | 'copyTo'>> =>
    versions.get(send.flow, send.version).then((flow) => configOf(flow, send.node, 'send-email')).catch(() => ({ retry: defaultRetry, copy: 'no' as const }))

  /** A person's wish begins its time anew, or the first "later" of the server would be the last. */
  const giveUpAtOf = async (send: SendView, now: string): Promise<string> => addMs(now, (await rulesOf(send)).retry.giveUpHours * 3600_000)

  async function bytesOf(id: SendId): Promise<Raw> {
    const raw = await store.rawOfSend(id)
    if (!raw) throw fault('RUN_BYTES_DROPPED')
    return raw
  }

  return {
    decide: async (id, decision, by) => {
      let hastened: readonly ClaimedSend[] = []
      await onRow(id, async (send) => {
        if (!mayDecide(decision, send)) throw send.dropped ? fault('RUN_BYTES_DROPPED') : fault('API_BAD_REQUEST', { reason: 'There is nothing of this kind to decide about this mail any more.' })
        const now = clock.now()
        if (decision === 'send-now') {
          hastened = await store.hasten([id], now, by)
          return
        }
        const rule = decisionRules[decision]
        const copy = copyWanted(await rulesOf(send))
        await store.recordOutcome({
          send: id, at: now, nextAttemptAt: null, event: { at: now, what: rule.what, say: rule.say, by },
          recipients: concernedBy(decision, send.recipients).map(({ address, answer }) => ({ address, state: rule.to, answer: rule.answer ?? answer })),
          ...(copy ? { copy } : {}),
          ...(rule.to === 'ready' ? { giveUpAt: await giveUpAtOf(send, now) } : {}),
        })
      }, () => { outbox.addNow(hastened) })
    },

    edit: (id, change, by) => onRow(id, async (send) => {
      const rows = (await store.sendsOfRun(send.run)).filter(({ node }) => node === send.node)
      const { kept, ended } = judgeRecipients(send, change, rows)
      const copy = sendId(`${id.replace(/~\d+$/, '')}~${rows.length + 1}`)
      const words = wordsOf(change)
      const edited = words ? await rewrite(await bytesOf(id), words, { run: send.run, id: copy, replaces: send.messageId }) : { raw: null, messageId: send.messageId }
      const now = clock.now()
      const replacement: Replacement = {
        old: id, at: now, ended,
        event: { at: now, what: 'edited', say: sayEdit(send, change), by },
        copy: {
          id: copy, connection: connectionId(change.connection ?? send.connection), subject: change.subject ?? send.subject, recipients: kept, giveUpAt: await giveUpAtOf(send, now), ...edited,
        },
      }
      await store.replaceSend(replacement)
      return copy
    }),
  }
}

const refuse = (reason: string): Error => fault('API_BAD_REQUEST', { reason }, 'recipients')

function wordsOf({ subject, text, html }: SendEdit): NewWords | null {
  const words = { ...(subject === undefined ? {} : { subject }), ...(text === undefined ? {} : { text }), ...(html === undefined ? {} : { html }) }
  return Object.keys(words).length === 0 ? null : words
}

/** Each recipient of the copy stands for one who was open, so an edit never reaches more people than the flow meant. */
function judgeRecipients(send: SendView, { recipients = {}, connection, ...words }: SendEdit, rows: readonly SendView[]): { readonly kept: readonly string[]; readonly ended: Replacement['ended'] } {
  const open = editable(send.recipients)
  if (open.length === 0) throw refuse(send.state === 'unknown' ? 'It is not known whether this mail was sent. Decide about that first.' : send.state === 'held' ? 'This mail is held. Let it go or discard it first.' : 'Everybody has this mail, or was given up.')
  if (Object.keys(recipients).length === 0 && connection === undefined && wordsOf(words) === null) throw refuse('Nothing was changed.')
  const stranger = Object.keys(recipients).find((address) => !open.some((recipient) => recipient.address === address))
  if (stranger !== undefined) throw refuse(`${stranger.slice(0, 200)} is not among those who can still be changed.`)
  const taken = new Set(rows.flatMap((row) => row.recipients).filter(({ state }) => state !== 'replaced' && state !== 'given-up').map(({ address }) => address).filter((address) => !open.some((one) => one.address === address)))
  const kept: string[] = []
  for (const { address } of open) {
    const wanted = Object.hasOwn(recipients, address) ? recipients[address] : address
    if (wanted === null || wanted === undefined) continue
    const read = wanted === address ? address : isAddress(wanted.trim()) ? parseAddress(wanted.trim())?.address : undefined
    if (read === undefined) throw fault('SEND_BAD_ADDRESS', { address: wanted.slice(0, 200), field: 'the recipients' }, 'recipients')
    if (taken.has(read)) throw refuse(`${read} gets this mail already.`)
    taken.add(read)
    kept.push(read)
  }
  if (kept.length === 0) throw refuse('Nobody would be left. Give the mail up instead.')
  return { kept, ended: open.map(({ address }) => ({ address, state: Object.hasOwn(recipients, address) && recipients[address] === null ? 'given-up' : 'replaced' })) }
}

function sayEdit(send: SendView, { recipients = {}, connection, subject, text, html }: SendEdit): string {
  const people = Object.entries(recipients).flatMap(([before, now]) => (now === null ? [`${before} is given up`] : now === before ? [] : [`${before} became ${now.trim()}`]))
  const words = [subject === undefined ? '' : 'subject', text === undefined ? '' : 'text', html === undefined ? '' : 'HTML'].filter((part) => part !== '')
  const parts = [...people, connection === undefined || connection === send.connection ? '' : `sent through ${connection}`, words.length === 0 ? '' : `new ${words.join(', ')}`]
  return `${parts.filter((part) => part !== '').join('; ')}.`.slice(0, 1000)
}
