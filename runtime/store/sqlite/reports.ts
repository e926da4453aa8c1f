/**
 * A report on a mail we sent, put to its outbox row and its run: whoever it came back from is `bounced`, a delay or a delivery
 * leaves a note. A report is a stranger's word: it marks only recipients that the mail had and that were already tried, and
 * nothing is ever sent for it.
 */
import { sayBounced } from '#shared/bounced.ts'
import { flowId, nodeId, type RunId, runId, sendId } from '#shared/ids.ts'
import type { Recipient, RecipientState, ReportKind, RunState, SendEvent, SentReport } from '#shared/run.ts'
import { answerChars, reportedShown } from '#runtime/limits.ts'
import type { Reported } from '../after-sending.ts'
import { command, query } from './database.ts'
import { appendEvent, historyOf, recipientsOf } from './outbox.ts'
import type { Parts } from './parts.ts'
import { dueAtOf, stateOfRow } from './recipients.ts'
import { stepKey, stepsPerRun } from './steps.ts'

/** For recordComputed, inside its transaction. null: no such mail was sent, or the report says nothing new. */
export type TakeReport = (report: SentReport, by: RunId, at: string) => Reported | null

interface SentRow {
  readonly key: number; readonly id: string; readonly node: string; readonly state: RecipientState; readonly parked: number; readonly due_at: string | null
  readonly recipients: string; readonly history: string
  readonly run: number; readonly flow: number; readonly flow_id: string; readonly run_state: RunState; readonly queued_at: string
}
type Told = SentReport['told'][number]

/** A mail that is not out yet can't have come back: whoever says so must not keep it from being sent. */
const tried: ReadonlySet<RecipientState> = new Set<RecipientState>(['sent', 'sending', 'unknown'])

export function makeReports({ db, tally }: Parts): TakeReport {
  const find = query<SentRow>(db, `SELECT outbox.key, outbox.id, node, outbox.state, parked, due_at, recipients, history, run.key AS run, run.flow, flow.id AS flow_id, run.state AS run_state, queued_at
    FROM run JOIN outbox ON outbox.run = run.key JOIN flow ON flow.key = run.flow WHERE run.id = ? AND outbox.message_id = ? ORDER BY outbox.key DESC`)
  const setRow = command(db, 'UPDATE outbox SET state = ?, due_at = ?, recipients = ?, history = ? WHERE key = ?')
  const setRun = command(db, `UPDATE run SET state = 'bounced', problem = ? WHERE key = ?`)
  const setStep = command(db, `UPDATE step SET state = 'bounced', problem = ? WHERE key BETWEEN ? AND ? AND node = ? AND state = 'done'`)

  const bounceRun = (row: SentRow, say: string): void => {
    const problem = JSON.stringify({ code: 'SEND_BOUNCED', say, where: row.node })
    const { changes } = setStep.run(problem, stepKey(row.run, 0), stepKey(row.run, stepsPerRun - 1), row.node)
    if (changes > 0) {
      tally.count(row.flow, row.queued_at, row.node, 'done', -1)
      tally.count(row.flow, row.queued_at, row.node, 'failed', 1)
    }
    setRun.run(problem, row.run)
    tally.turn(row.flow, row.queued_at, row.run_state, 'bounced')
  }

  return (report, by, at) => {
    // With other recipients alone an edited copy has the same Message-ID: the report is about the row of those it names.
    const rows = find.all(report.run, report.messageId)
    const row = rows.find(({ recipients }) => triesAny(report, recipientsOf(recipients))) ?? rows[0]
    if (row === undefined) return null
    const before = recipientsOf(row.recipients)
    const { mine, strangers } = sortOut(report, before)
    const failed = new Map(mine.filter(({ what }) => what === 'bounced').map((told) => [told.address, told.say]))
    const after = before.map((recipient): Recipient => {
      const say = tried.has(recipient.state) ? failed.get(recipient.address.toLowerCase()) : undefined
      return say === undefined ? recipient : { ...recipient, state: 'bounced', answer: say || noReason }
    })
    const events = eventsOf(mine, strangers, by, at).filter((event) => isNews(event, historyOf(row.history)))
    if (events.length === 0) return null
    const state = stateOfRow(after)
    setRow.run(state, dueAtOf(after, row.parked === 1, row.due_at, at), JSON.stringify(after), events.reduce(appendEvent, row.history), row.key)
    tally.moveSend(row.state, state)
    const came = after.filter((recipient, index) => recipient.state === 'bounced' && before[index]?.state !== 'bounced')
    const turns = came.length > 0 && row.run_state === 'done'
    if (turns) bounceRun(row, sayBounced(after))
    return { run: runId(report.run), flow: flowId(row.flow_id), send: sendId(row.id), node: nodeId(row.node), bounced: came.map(({ answer }) => answer), state: turns ? 'bounced' : row.run_state }
  }
}

const triesAny = ({ told }: SentReport, recipients: readonly Recipient[]): boolean =>
  told.some(({ address }) => recipients.some((recipient) => recipient.address.toLowerCase() === address.toLowerCase() && tried.has(recipient.state)))

const noReason = 'The server gave no reason.'

/** Those the mail had, by their addresses in lower case, and all others. One that names nobody can only mean the only one. */
function sortOut({ kind, told }: SentReport, recipients: readonly Recipient[]): { readonly mine: readonly Told[]; readonly strangers: readonly Told[] } {
  const named = told.filter(({ address }) => address !== '').map((one) => ({ ...one, address: one.address.toLowerCase() }))
  const [only, ...others] = recipients
  if (named.length === 0 && only && others.length === 0) return { mine: [{ address: only.address.toLowerCase(), what: kind, say: told[0]?.say ?? '' }], strangers: [] }
  const had = new Set(recipients.map(({ address }) => address.toLowerCase()))
  const rest = named.length > 0 ? named : [{ address: '', what: kind, say: told[0]?.say ?? '' }]
  return { mine: rest.filter(({ address }) => had.has(address)), strangers: rest.filter(({ address }) => !had.has(address)) }
}

const order: readonly ReportKind[] = ['bounced', 'complained', 'delayed', 'delivered']

/** One line of history for each kind; who the mail did not go to is named and changes nothing. */
function eventsOf(mine: readonly Told[], strangers: readonly Told[], run: RunId, at: string): readonly SendEvent[] {
  return order.flatMap((what): SendEvent[] => {
    const lines = [
      ...mine.filter((told) => told.what === what).map(({ address, say }) => (say === '' ? address : `${address}: ${say}`)),
      ...strangers.filter((told) => told.what === what).map(({ address, say }) => `${address === '' ? 'nobody is named' : `${address}, whom the mail did not go to`}${say === '' ? '' : `: ${say}`}`),
    ]
    if (lines.length === 0) return []
    const more = lines.length > reportedShown ? ` and ${lines.length - reportedShown} more` : ''
    return [{ at, what, say: `${lines.slice(0, reportedShown).join('; ').slice(0, answerChars)}${more}`, run }]
  })
}

/** Two flows may watch one mailbox, and a run may be made again. */
const isNews = (event: SendEvent, history: readonly SendEvent[]): boolean => !history.some(({ what, say }) => what === event.what && say === event.say)
