/** Does in a mailbox what a step of a run asks. Each may be done twice: what is gone counts as gone, what is there is not made again. */
import { unlink } from 'node:fs/promises'
import { fault } from '#shared/errors.ts'
import { connectionId } from '#shared/ids.ts'
import type { Json, JsonObject } from '#shared/json.ts'
import type { Mail } from '#shared/mail.ts'
import type { MailboxRequest, MailPointer } from '#shared/mailbox-action.ts'
import type { Act, ActionAnswer } from './engine/actions.ts'
import type { Computer } from './engine/compute.ts'
import { actions } from './limits.ts'
import type { Account, Fetched, OpenMailbox, Uid } from './mail/mailbox.ts'
import type { Raw, Spool } from './raw.ts'
import type { VisitPool } from './visit-pool.ts'

export interface MailboxActionParts { readonly pool: VisitPool; readonly computer: Pick<Computer, 'readMail'>; readonly spool: Spool }
type Request<Do extends MailboxRequest['do']> = Extract<MailboxRequest, { do: Do }>

export function makeMailboxActions({ pool, computer, spool }: MailboxActionParts): Act {
  // What is fetched stays in scratch: under its digest it could be the very file of a mail in the ledger, which nobody here may remove.
  const scratch: Spool = { inlineLimit: spool.inlineLimit, scratch: () => spool.scratch(), keep: (path, sha256, size) => Promise.resolve({ kind: 'file', path, size, sha256 }) }
  return (request, uidValidity, withBytes) => {
    // A folder is made from the inbox, which every account has.
    const folder = request.do === 'create-folder' ? 'INBOX' : request.folder
    return pool.use(connectionId(request.connection), folder, async (mailbox, account): Promise<ActionAnswer> => {
      if (account.kind === 'smtp') throw fault('CONNECTION_KIND', { id: account.id, reason: 'it receives no mail' })
      if ('mail' in request && 'uid' in request.mail && uidValidity !== '' && mailbox.uidValidity !== uidValidity) throw fault('MAIL_RENUMBERED', { folder }, folder)
      const answered = request.do === 'fetch' ? await fetchMail(request, mailbox, withBytes) : { answer: await answerTo(request, mailbox, account) }
      return { ...answered, uidValidity: mailbox.uidValidity }
    })
  }

  function answerTo(request: Exclude<MailboxRequest, { do: 'fetch' }>, mailbox: OpenMailbox, account: Account): Promise<JsonObject> {
    switch (request.do) {
      case 'find': return find(request, mailbox)
      case 'change': return change(request, mailbox)
      case 'create-folder': return createFolder(request, mailbox, account)
    }
  }

  async function fetchMail({ folder, connection, mail: pointer }: Request<'fetch'>, mailbox: OpenMailbox, withBytes: boolean): Promise<{ readonly answer: JsonObject; readonly raw?: Raw }> {
    const uid = await uidOf(mailbox, pointer)
    const fetched = uid === null ? null : await fetchOne(mailbox, uid)
    if (fetched === null) throw fault('MAIL_NOT_FOUND', { folder, mail: sayPointer(pointer) }, folder)
    const { flags, receivedAt, raw } = fetched
    let isKept = false
    try {
      const answer = boundMail(await computer.readMail(raw, { connection: connectionId(connection), folder, uid: fetched.uid, flags, receivedAt }))
      isKept = withBytes
      return withBytes ? { answer, raw } : { answer }
    } finally {
      if (!isKept && raw.kind === 'file') await unlink(raw.path).catch(() => {})
    }
  }

  async function fetchOne(mailbox: OpenMailbox, uid: Uid): Promise<Fetched | null> {
    for await (const mail of mailbox.fetch([uid], scratch, { maxMailBytes: actions.fetchBytes })) {
      if ('raw' in mail) return mail
      if (mail.code === 'MAIL_TOO_LARGE') throw fault('MAIL_TOO_LARGE', { size: `${Math.ceil(mail.size / 1024 / 1024)} MB`, limit: `${actions.fetchBytes / 1024 / 1024} MB` })
    }
    return null
  }
}

async function find({ folder, query, limit, newestFirst }: Request<'find'>, mailbox: OpenMailbox): Promise<JsonObject> {
  const { count, mails } = await mailbox.find(query, { limit, newestFirst })
  // Heads are JSON through and through; an interface only lacks the index signature to say so.
  const heads = mails as unknown as readonly JsonObject[]
  return { folder, count, first: heads[0] ?? null, mails: heads }
}

async function change({ folder, mail, change: wanted }: Request<'change'>, mailbox: OpenMailbox): Promise<JsonObject> {
  const target = wanted.folder ?? ''
  if (/\p{Cc}/u.test(target)) throw fault('MAIL_FOLDER_MISSING', { folder: target.replace(/\p{Cc}/gu, ' ') }, 'target')
  const uid = await uidOf(mailbox, mail)
  const done = uid === null ? [] : (await mailbox.settle([uid], wanted)).done
  return { done: done.length > 0, uid: uid ?? '', folder, target }
}

async function createFolder({ folder }: Request<'create-folder'>, mailbox: OpenMailbox, account: Account): Promise<JsonObject> {
  if (!mailbox.createFolder) throw fault('CONNECTION_KIND', { id: account.id, reason: 'with POP3 there are no folders' })
  return { folder, made: await mailbox.createFolder(folder) }
}

/** null when no such mail is there. A number that none of this server's mails can have is one that is not there. */
async function uidOf(mailbox: OpenMailbox, mail: MailPointer): Promise<Uid | null> {
  if ('messageId' in mail) return (await mailbox.findMessageId(mail.messageId)).at(-1) ?? null
  return mailbox.uidValidity !== '' && !/^[1-9]\d{0,9}$/.test(mail.uid) ? null : mail.uid
}

const sayPointer = (mail: MailPointer): string => ('uid' in mail ? `number ${mail.uid.slice(0, 100)}` : `<${mail.messageId.slice(0, 200)}>`)

/** Its JSON goes through the ledger and into each pass; a longer one loses its long texts, and `truncated` says so. */
function boundMail(mail: Mail): JsonObject {
  if (JSON.stringify(mail).length <= actions.answerChars) return mail as unknown as JsonObject
  const each = actions.answerChars / 8
  const short: Mail = {
    ...mail, text: mail.text.slice(0, each), html: '', replyText: mail.replyText.slice(0, each), quotedText: '', headers: mail.headers.slice(0, 200).map(({ name, value }) => ({ name, value: value.slice(0, 200) })),
    to: mail.to.slice(0, 500), cc: mail.cc.slice(0, 500), attachments: mail.attachments.slice(0, 500), truncated: [...mail.truncated, 'body'],
  }
  return short as unknown as { readonly [key: string]: Json }
}
