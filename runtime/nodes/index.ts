/** The table of behaviours; a node kind without one does not compile. */
import type { NodeKind } from '#shared/flow.ts'
import type { Behaviour, StepContext, StepResult } from './behaviour.ts'
import { mailboxEvent } from './mailbox-event.ts'
import { changeMail } from './change-mail.ts'
import { createFolder } from './create-folder.ts'
import { fetchMail } from './fetch-mail.ts'
import { findMails } from './find-mails.ts'
import { mapData } from './map-data.ts'
import { receiveEmail } from './receive-email.ts'
import { sendEmail } from './send-email.ts'

const behaviours = {
  'receive-email': receiveEmail,
  'mailbox-event': mailboxEvent,
  'map-data': mapData,
  'send-email': sendEmail,
  'find-mails': findMails,
  'fetch-mail': fetchMail,
  'change-mail': changeMail,
  'create-folder': createFolder,
} as const satisfies { [K in NodeKind]: Behaviour<K> }

export async function runNode(context: StepContext): Promise<StepResult> {
  const { node } = context
  switch (node.kind) {
    case 'receive-email': return behaviours[node.kind](node.config, context)
    case 'mailbox-event': return behaviours[node.kind](node.config, context)
    case 'map-data': return behaviours[node.kind](node.config, context)
    case 'send-email': return behaviours[node.kind](node.config, context)
    case 'find-mails': return behaviours[node.kind](node.config, context)
    case 'fetch-mail': return behaviours[node.kind](node.config, context)
    case 'change-mail': return behaviours[node.kind](node.config, context)
    case 'create-folder': return behaviours[node.kind](node.config, context)
  }
}
