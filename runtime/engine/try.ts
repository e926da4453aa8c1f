/** A dry run: the flow over one mail, with everything computed and nothing sent, stored or changed. */
import { unlink } from 'node:fs/promises'
import { nodeId } from '#shared/ids.ts'
import { fault, problemOf } from '#shared/errors.ts'
import type { Json } from '#shared/json.ts'
import type { MailFacts } from '#shared/mail.ts'
import { sampleMailboxEvent } from '#shared/mailbox-event.ts'
import { nodeDescriptions, type CheckedFlow } from '#shared/nodes/index.ts'
import type { TryResult } from '#shared/run.ts'
import type { Raw } from '../raw.ts'
import type { ComposedSend, Computed, ComputeJob, Computer } from './compute.ts'
import { type AskMailbox, tryMailboxes } from './try-mailboxes.ts'

export interface TryInput {
  readonly flow: CheckedFlow
  readonly raw: Raw
  readonly facts?: MailFacts
  readonly at: string
  /** The trigger to begin at, by its id. */
  readonly start?: string | undefined
  /** Reads in a mailbox for steps that only read; without it nothing is looked up. Steps that change something are described and never done. */
  readonly ask?: AskMailbox
  /** As a run has them (compute.ts). */
  readonly ours?: readonly string[]
  /** Large composed mails are written here and removed again. */
  readonly spool: { readonly folder: string; readonly inlineLimit: number }
}

const noFacts: MailFacts = { connection: '', folder: 'INBOX', uid: '1', flags: [], receivedAt: null }

/** Never throws for what the mail or the flow does: that is in the result. */
export async function tryFlow(computer: Computer, input: TryInput): Promise<TryResult> {
  const { flow, raw, facts = noFacts, at, spool, start, ours = [] } = input
  const mailboxes = tryMailboxes(input.ask)
  try {
    let computed: Computed
    for (;;) {
      computed = await computer.compute({ run: 'try', mail: 'try', flow, version: 0, ...beginningOf(flow, raw, at, start), facts, at, spool, explain: true, ours, answers: mailboxes.answers, fetched: mailboxes.fetched })
      await Promise.all(computed.sends.map(dropScratch))
      if (!computed.pending) break
      const { node, request } = computed.pending
      const problem = await mailboxes.answer(node, request)
      if (problem) {
        computed = { ...computed, problem, steps: [...computed.steps, { node: nodeId(node), state: 'failed', startedAt: at, durationMs: 0, outputJson: '', problem }] }
        break
      }
    }
    const outputs = computed.outputs ?? {}
    return {
      state: computed.problem ? 'failed' : 'done',
      outgoing: computed.sends.map((send) => ({
        node: send.node, envelope: send.envelope, subject: send.subject,
        headers: send.explained?.headers ?? [], text: send.explained?.text ?? '', html: send.explained?.html ?? '', attachments: send.explained?.attachments ?? [],
      })),
      steps: computed.steps.map((step) => ({
        node: step.node, state: step.state === 'waiting' ? 'done' as const : step.state, input: mailboxes.asked(step.node) ?? inputOf(flow, step.node, outputs),
        output: outputs[step.node] ?? null, error: step.problem, ...mailboxes.note(step.node),
      })),
    }
  } catch (error) {
    const problem = problemOf(error)
    return { state: 'failed', outgoing: [], steps: [{ node: flow.nodes[0]?.id ?? '', state: 'failed', input: null, output: null, error: problem }] }
  } finally {
    await Promise.all(Object.values(mailboxes.fetched).map((fetched) => dropScratch({ raw: fetched })))
  }
}

/** At the start that was chosen, else at the first that takes mail; one that hears of mailboxes gets an example of what it may hear. */
function beginningOf(flow: CheckedFlow, raw: Raw, at: string, start: string | undefined): Pick<ComputeJob, 'raw' | 'start'> {
  const starts = flow.nodes.filter((node) => nodeDescriptions[node.kind].trigger)
  const chosen = start === undefined ? starts.find(({ kind }) => kind === 'receive-email') ?? starts[0] : starts.find(({ id }) => id === start)
  if (!chosen) throw fault('RUN_STEP_FAILED', { reason: `This flow has no start named "${start ?? ''}". It has: ${starts.map(({ id }) => id).join(', ')}.` })
  if (chosen.kind !== 'mailbox-event') return { start: { node: chosen.id, what: 'mail' }, raw }
  return { start: { node: chosen.id, what: 'event' }, raw: { kind: 'bytes', bytes: Buffer.from(JSON.stringify(sampleMailboxEvent('inbox', 'INBOX', at))) } }
}

/** A step's input is the output of the node before it; of several, keyed by node. */
function inputOf(flow: CheckedFlow, node: string, outputs: Readonly<Record<string, Json>>): Json {
  const before = flow.edges.filter((edge) => edge.to === node).map((edge) => edge.from)
  if (before.length === 0) return null
  const only = before.length === 1 ? before[0] : undefined
  return only ? outputs[only] ?? null : Object.fromEntries(before.map((id) => [id, outputs[id] ?? null]))
}

const dropScratch = async ({ raw }: Pick<ComposedSend, 'raw'>): Promise<void> => {
  if (raw.kind === 'file') await unlink(raw.path)
}
