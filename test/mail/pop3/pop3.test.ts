/** The mailbox contract over the POP3 adapter and the sandbox's server. */
import { sandboxBed } from '../../contracts/mailbox-beds.ts'
import { mailboxContract } from '../../contracts/mailbox.contract.ts'
import { pop3Server } from '../../servers/pop3-server.ts'

mailboxContract('pop3', 'the sandbox server (POP3)', () => sandboxBed(pop3Server()))
