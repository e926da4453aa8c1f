/** What tells a mail from others when its name can't; mailboxes give it, the ledger compares it. */

/** `messageId` without its angle brackets, `receivedAt` ISO; '' for what is not known. */
export interface Fingerprint { readonly uid: string; readonly messageId: string; readonly size: number; readonly receivedAt: string }

/** A mail that lay there before a flow was switched on. */
export interface PassedMail { readonly uid: string; readonly size: number }
