/** What a ledger says, read from its file behind the product's back. */
import { DatabaseSync } from 'node:sqlite'

/** A line for each run, for each row of the outbox with its recipients, and for each word of SQLite's own check; and how often a mail was said to be perhaps out. */
export function readLedger(file: string): { readonly lines: readonly string[]; readonly unknown: number } {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    const lines = [
      ...db.prepare("SELECT 'run ' || subject || ' ' || state || ' ' || settle || ' ' || replay AS line FROM run").all(),
      ...db.prepare("SELECT 'send ' || subject || ' ' || state || ' ' || (SELECT group_concat(value ->> 'address' || ' ' || (value ->> 'state')) FROM json_each(recipients)) AS line FROM outbox").all(),
      ...db.prepare("SELECT 'integrity ' || integrity_check AS line FROM pragma_integrity_check").all(),
    ].map((row) => String(row['line']))
    const unknown = Number(db.prepare("SELECT count(*) AS rows FROM outbox, json_each(history) WHERE value ->> 'what' = 'unknown'").get()?.['rows'])
    return { lines, unknown }
  } finally {
    db.close()
  }
}

export const subjectOf = (mail: Buffer): string => /^Subject: (.*)$/m.exec(mail.toString('latin1', 0, 1000))?.[1]?.trim() ?? ''
