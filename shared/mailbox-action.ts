/** What a step asks of a mailbox in the middle of a run, and what it gets for an answer. Plain data: it lies in the ledger. */
import type { Json } from './json.ts'
import type { MailAddress } from './mail.ts'
import type { MailQuery } from './mail-search.ts'

export const changeActions = ['move', 'copy', 'mark-seen', 'mark-unseen', 'flag', 'unflag', 'add-keyword', 'remove-keyword', 'delete'] as const
export type ChangeAction = (typeof changeActions)[number]

export const changeWords: Record<ChangeAction, string> = {
  move: 'move', copy: 'copy', 'mark-seen': 'mark as read', 'mark-unseen': 'mark as unread', flag: 'flag', unflag: 'take the flag off',
  'add-keyword': 'add a keyword', 'remove-keyword': 'take a keyword off', delete: 'delete',
}

export interface MailChange {
  readonly do: ChangeAction
  /** Target of move and copy. */
  readonly folder?: string
  /** Of add-keyword and remove-keyword. */
  readonly keyword?: string
}

/** The number in its folder (UIDL for POP3), or the Message-ID without its brackets. */
export type MailPointer = { readonly uid: string } | { readonly messageId: string }

interface Place { readonly connection: string; readonly folder: string }
export type MailboxRequest =
  | (Place & { readonly do: 'find'; readonly query: MailQuery; readonly limit: number; readonly newestFirst: boolean })
  | (Place & { readonly do: 'fetch'; readonly mail: MailPointer })
  | (Place & { readonly do: 'change'; readonly mail: MailPointer; readonly change: MailChange })
  | (Place & { readonly do: 'create-folder' })

/** One mail of a list; texts are cut to a line. */
export interface MailHead {
  readonly uid: string
  readonly messageId: string
  readonly subject: string
  readonly from: MailAddress
  readonly date: string | null
  readonly receivedAt: string | null
  readonly size: number
  readonly unread: boolean
  readonly flagged: boolean
}

/** A step's row in the ledger: the question beside the answer, and the UIDVALIDITY under which its numbers hold ('' where there is none). */
export interface ActionRecord {
  readonly asked: MailboxRequest
  readonly answer: Json
  readonly uidValidity: string
}

/** Steps that change something are only described by a try. */
export const isReading = (request: MailboxRequest): boolean => request.do === 'find' || request.do === 'fetch'

/** `move mail 12 of INBOX to Orders`: the request in one line, for history and tries. */
export function sayRequest(request: MailboxRequest): string {
  const { folder } = request
  switch (request.do) {
    case 'find': return `look for mails in ${folder}`
    case 'fetch': return `fetch ${sayMail(request)}`
    case 'create-folder': return `make the folder ${folder}`
    case 'change': return sayChange(request.change, sayMail(request))
  }
}

const sayMail = ({ mail, folder }: { readonly mail: MailPointer; readonly folder: string }): string =>
  `${'uid' in mail ? `mail ${mail.uid}` : `the mail <${mail.messageId}>`} of ${folder}`

function sayChange({ do: action, folder = '', keyword = '' }: MailChange, mail: string): string {
  switch (action) {
    case 'move': case 'copy': return `${action} ${mail} to ${folder}`
    case 'mark-seen': return `mark ${mail} as read`
    case 'mark-unseen': return `mark ${mail} as unread`
    case 'flag': case 'delete': return `${action} ${mail}`
    case 'unflag': return `take the flag off ${mail}`
    case 'add-keyword': return `put the keyword ${keyword} on ${mail}`
    case 'remove-keyword': return `take the keyword ${keyword} off ${mail}`
  }
}
