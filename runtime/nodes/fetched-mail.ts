/** A mail that a step of the run has fetched: its bytes taken apart again in each pass, and names for its files that no other mail has. */
import { isJsonObject, textOr, type Json } from '#shared/json.ts'
import { connectionId } from '#shared/ids.ts'
import { readMail, type MailRead } from '../mail/mime/read-mail.ts'
import type { Raw } from '../raw.ts'
import type { ComputeJob } from '../engine/compute.ts'

/** Stands in the `ref` of its files as a mail's id does; ids of steps hold no dot. */
export const fetchedName = (mail: string, step: string): string => `${mail}.${step}`

export function readFetched(raw: Raw, answer: Json, { mail, spool, headersOnly = false }: ComputeJob, step: string): Promise<MailRead> {
  const told = isJsonObject(answer) ? answer : {}
  const flags = Array.isArray(told['flags']) ? told['flags'].map((flag) => textOr(flag, '')) : []
  const connection = textOr(told['connection'], '')
  const facts = { connection: connection === '' ? '' as const : connectionId(connection), folder: textOr(told['folder'], ''), uid: textOr(told['uid'], ''), flags, receivedAt: textOr(told['receivedAt'], '') || null }
  return readMail(raw, facts, { mailId: fetchedName(mail, step), scratch: spool.folder, headersOnly })
}

/** As its mailbox told it, the mail did not know yet whose run it belongs to. */
export function withFileNames(answer: Json, name: string): Json {
  const files = isJsonObject(answer) ? answer['attachments'] : undefined
  if (!isJsonObject(answer) || !Array.isArray(files)) return answer
  return { ...answer, attachments: files.map((file: Json, at) => (isJsonObject(file) ? { ...file, ref: `mail:${name}/${at}` } : file)) }
}
