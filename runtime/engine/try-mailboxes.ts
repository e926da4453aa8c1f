/** What mailboxes answer to the steps of a dry run: reading ones are asked where that is possible, changing ones only described. */
import { problemOf, type Problem } from '#shared/errors.ts'
import type { Json } from '#shared/json.ts'
import type { Raw } from '../raw.ts'
import { isReading, sayRequest, type MailboxRequest } from '#shared/mailbox-action.ts'

/** A file of the bytes lies in scratch and is whoever asks' to remove. */
export type AskMailbox = (request: MailboxRequest) => Promise<{ readonly answer: Json; readonly raw?: Raw }>

export interface TryMailboxes {
  /** By node; grows with each answer. */
  readonly answers: Readonly<Record<string, Json>>
  /** Bytes of fetched mails, by node. */
  readonly fetched: Readonly<Record<string, Raw>>
  /** Finds the answer to a step; a problem when the mailbox refuses it. */
  answer(node: string, request: MailboxRequest): Promise<Problem | null>
  /** What a step asked; null for a step that asks no mailbox. */
  asked(node: string): Json | null
  note(node: string): { readonly note?: string }
}

export function tryMailboxes(ask: AskMailbox | undefined): TryMailboxes {
  const answers: Record<string, Json> = {}
  const fetched: Record<string, Raw> = {}
  const requests = new Map<string, MailboxRequest>()
  const notes = new Map<string, string>()

  return {
    answers, fetched,
    async answer(node, request) {
      requests.set(node, request)
      if (!isReading(request)) {
        answers[node] = dryAnswer(request)
        notes.set(node, `Would ${sayRequest(request)}.`)
        return null
      }
      try {
        const asked = await ask?.(request)
        answers[node] = asked ? asked.answer : emptyAnswer(request)
        if (asked?.raw) fetched[node] = asked.raw
        if (!ask) notes.set(node, 'Not looked up: no server was asked, so later steps see no mail here.')
      } catch (error) {
        const problem = { ...problemOf(error), where: node }
        if (problem.code !== 'CONNECTION_NOT_FOUND') return problem
        answers[node] = emptyAnswer(request)
        notes.set(node, `Not looked up: ${problem.say}`)
      }
      return null
    },
    // A request is JSON through and through.
    asked: (node) => (requests.get(node) ?? null) as unknown as Json,
    note: (node) => { const note = notes.get(node); return note === undefined ? {} : { note } },
  }
}

/** As if all went well. */
const dryAnswer = (request: MailboxRequest): Json => (request.do === 'change'
  ? { done: true, uid: 'uid' in request.mail ? request.mail.uid : '', folder: request.folder, target: request.change.folder ?? '' }
  : { folder: request.folder, made: true })

const emptyAnswer = (request: MailboxRequest): Json => (request.do === 'find' ? { folder: request.folder, count: 0, first: null, mails: [] } : {})
