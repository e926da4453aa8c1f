/** The mailbox contract over the IMAP adapter and the sandbox's server. */
import { sandboxBed } from '../contracts/mailbox-beds.ts'
import { mailboxContract } from '../contracts/mailbox.contract.ts'
import { imapServer } from '../servers/imap-server.ts'

mailboxContract('imap', 'the sandbox server', () => sandboxBed(imapServer()))
