/** Which of a mailbox's mails a flow has dealt with: asked at each look, about a hundred thousand at a time, without holding others up. */
import type { DatabaseSync } from 'node:sqlite'
import { ledger } from '#runtime/limits.ts'
import { query } from './database.ts'
import { uidColumn } from './keys.ts'

/** UIDs closer than this are asked for in one range: a seek costs about as much as passing this many entries. */
const nearUids = 32

const hasRun = 'EXISTS (SELECT 1 FROM run WHERE run.mail = mail.key AND run.flow = :flow)'

export type Known = (mailbox: number, flow: number, uids: readonly string[]) => Promise<ReadonlySet<string>>

export function makeKnown(db: DatabaseSync): Known {
  const between = query<{ uid: number }>(db, `SELECT uid FROM mail WHERE mailbox = :mailbox AND uid BETWEEN :from AND :to AND ${hasRun}
    UNION ALL SELECT uid FROM alias WHERE mailbox = :mailbox AND uid BETWEEN :from AND :to AND EXISTS (SELECT 1 FROM run WHERE run.mail = alias.mail AND run.flow = :flow)
    UNION ALL SELECT uid FROM passed WHERE mailbox = :mailbox AND flow = :flow AND uid BETWEEN :from AND :to`)
  const among = query<{ uid: string }>(db, `SELECT value AS uid FROM json_each(:uids)
    WHERE EXISTS (SELECT 1 FROM mail WHERE mailbox = :mailbox AND uid = value AND ${hasRun})
      OR EXISTS (SELECT 1 FROM alias JOIN run ON run.mail = alias.mail AND run.flow = :flow WHERE alias.mailbox = :mailbox AND alias.uid = value)
      OR EXISTS (SELECT 1 FROM passed WHERE mailbox = :mailbox AND flow = :flow AND uid = value)`)

  return async (mailbox, flow, uids) => {
    const found = new Set<string>()
    const asked = new Set(uids)
    const { numbers, texts } = sorted(uids)
    let read = 0
    // A folder of 100,000 mails is asked about at each look: others get their turn meanwhile.
    const pause = async (rows: number): Promise<void> => {
      read += rows
      if (read <= ledger.searchRows) return
      read = 0
      await new Promise(setImmediate)
    }
    for (const [from, to] of rangesOf(numbers)) {
      for (const { uid } of between.named({ mailbox, flow, from, to })) {
        const name = String(uid)
        if (asked.has(name)) found.add(name)
      }
      await pause(to - from + 1)
    }
    for (let from = 0; from < texts.length; from += ledger.askedUids) {
      const part = texts.slice(from, from + ledger.askedUids)
      for (const { uid } of among.named({ mailbox, flow, uids: JSON.stringify(part) })) found.add(uid)
      await pause(ledger.searchRows)
    }
    return found
  }
}

/** As the ledger keeps them: IMAP's as numbers, which have an order, and UIDLs as text. */
function sorted(uids: readonly string[]): { readonly numbers: number[]; readonly texts: string[] } {
  const numbers: number[] = []
  const texts: string[] = []
  for (const uid of uids) {
    const column = uidColumn(uid)
    if (typeof column === 'number') numbers.push(column)
    else texts.push(column)
  }
  return { numbers, texts }
}

/** Neighbouring UIDs as ranges, ascending, none wider than one search step. */
function rangesOf(uids: readonly number[]): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = []
  for (const uid of uids.toSorted((one, other) => one - other)) {
    const last = ranges.at(-1)
    if (last !== undefined && uid - last[1] <= nearUids && uid - last[0] < ledger.searchRows) last[1] = uid
    else ranges.push([uid, uid])
  }
  return ranges
}

