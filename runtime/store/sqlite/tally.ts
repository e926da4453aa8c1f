/** Running counts, so that no screen ever counts rows: gathered in memory per transaction, written with it. */
import type { DatabaseSync } from 'node:sqlite'
import type { RunState, RecipientState } from '#shared/run.ts'
import { command, query } from './database.ts'

const quarterMs = 15 * 60_000
export const quarterOf = (at: string): number => Math.floor(Date.parse(at) / quarterMs)
const minuteMs = 60_000
/** The longest limit is a day; one more hour, for clocks that are put back. */
const sentMinutesKept = 25 * 60

/** made: runs queued; done and failed: how many of them ended so. For a node: runs that passed it, or ended there. */
export type Ending = 'made' | 'done' | 'failed'
/** How a state counts, null when it is no end: a mail that came back is a failure to whoever looks at the day. */
export const endingOf = (state: string): Exclude<Ending, 'made'> | null => (state === 'done' ? 'done' : state === 'failed' || state === 'bounced' ? 'failed' : null)
/** Mails offered to a server in one minute, and those it took. */
export interface SentRow { readonly minute: number; readonly connection: string; readonly flow: string; readonly handed: number; readonly sent: number }
export interface TallyRow { readonly quarter: number; readonly node: string; readonly made: number; readonly done: number; readonly failed: number }

export interface Tally {
  /** `node` '' is the run itself. */
  readonly count: (flow: number, queuedAt: string, node: string, ending: Ending, by: 1 | -1) => void
  /** A run's change of state; only its endings are counted. */
  readonly turn: (flow: number, queuedAt: string, from: RunState, to: RunState) => void
  readonly moveSend: (from: RecipientState | null, to: RecipientState) => void
  /** A mail was offered to a server. */
  readonly hand: (connection: string, flow: number, at: string, taken: boolean) => void
  readonly flush: () => void
  readonly clear: () => void
  readonly since: (flow: number, quarter: number) => readonly TallyRow[]
  readonly sends: () => Readonly<Record<string, number>>
  readonly sentSince: (at: string) => readonly SentRow[]
}

export function makeTally(db: DatabaseSync): Tally {
  const add = command(db, `INSERT INTO tally (flow, quarter, node, made, done, failed) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET made = made + excluded.made, done = done + excluded.done, failed = failed + excluded.failed`)
  const addSends = command(db, 'INSERT INTO outbox_tally (state, rows) VALUES (?, ?) ON CONFLICT DO UPDATE SET rows = rows + excluded.rows')
  const since = query<TallyRow>(db, 'SELECT quarter, node, made, done, failed FROM tally WHERE flow = ? AND quarter >= ?')
  const sends = query<{ state: string; rows: number }>(db, 'SELECT state, rows FROM outbox_tally WHERE rows > 0')

  const addSent = command(db, `INSERT INTO sent_minute (minute, connection, flow, handed, sent) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET handed = handed + excluded.handed, sent = sent + excluded.sent`)
  const dropSent = command(db, 'DELETE FROM sent_minute WHERE minute < ?')
  const sentSince = query<SentRow>(db, 'SELECT minute, connection, flow.id AS flow, handed, sent FROM sent_minute JOIN flow ON flow.key = sent_minute.flow WHERE minute >= ? ORDER BY minute')

  const runs = new Map<string, { flow: number; quarter: number; node: string; made: number; done: number; failed: number }>()
  const moves = new Map<RecipientState, number>()
  const handed = new Map<string, { minute: number; connection: string; flow: number; handed: number; sent: number }>()
  let sweptMinute = 0

  const count: Tally['count'] = (flow, queuedAt, node, ending, by) => {
    const quarter = quarterOf(queuedAt)
    const name = `${flow} ${quarter} ${node}`
    let counts = runs.get(name)
    if (counts === undefined) {
      counts = { flow, quarter, node, made: 0, done: 0, failed: 0 }
      runs.set(name, counts)
    }
    counts[ending] += by
  }

  const forget = (): void => {
    runs.clear()
    moves.clear()
    handed.clear()
  }

  return {
    count,
    turn(flow, queuedAt, from, to) {
      if (from === to) return
      const [before, after] = [endingOf(from), endingOf(to)]
      if (before !== null) count(flow, queuedAt, '', before, -1)
      if (after !== null) count(flow, queuedAt, '', after, 1)
    },
    moveSend(from, to) {
      if (from === to) return
      if (from !== null) moves.set(from, (moves.get(from) ?? 0) - 1)
      moves.set(to, (moves.get(to) ?? 0) + 1)
    },
    hand(connection, flow, at, taken) {
      const minute = Math.floor(Date.parse(at) / minuteMs)
      const name = `${minute} ${flow} ${connection}`
      let counts = handed.get(name)
      if (counts === undefined) {
        counts = { minute, connection, flow, handed: 0, sent: 0 }
        handed.set(name, counts)
      }
      counts.handed += 1
      if (taken) counts.sent += 1
    },
    flush() {
      for (const { flow, quarter, node, made, done, failed } of runs.values()) add.run(flow, quarter, node, made, done, failed)
      for (const [state, by] of moves) if (by !== 0) addSends.run(state, by)
      for (const { minute, connection, flow, handed: offered, sent } of handed.values()) {
        addSent.run(minute, connection, flow, offered, sent)
        if (minute === sweptMinute) continue
        sweptMinute = minute
        dropSent.run(minute - sentMinutesKept)
      }
      forget()
    },
    clear: forget,
    since: (flow, quarter) => since.all(flow, quarter),
    sends: () => Object.fromEntries(sends.all().map(({ state, rows }) => [state, rows])),
    sentSince: (at) => sentSince.all(Math.floor(Date.parse(at) / minuteMs)),
  }
}
