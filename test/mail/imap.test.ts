/** The mailbox contract over the IMAP adapter and the sandbox's server. */
import { cheapLook } from '#runtime/limits.ts'
import { lookOnContract } from '../contracts/look-on.contract.ts'
import { sandboxBed } from '../contracts/mailbox-beds.ts'
import { mailboxContract } from '../contracts/mailbox.contract.ts'
import { imapServer } from '../servers/imap-server.ts'

mailboxContract('imap', 'the sandbox server', () => sandboxBed(imapServer()))
// More than are asked for whole each time where the server does not count its changes.
lookOnContract('the sandbox server', () => sandboxBed(imapServer()), cheapLook.few + 10)
