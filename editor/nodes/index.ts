/** The table of forms; a kind without one does not compile. */
import type { ComponentType } from 'react'
import type { FlowNode, NodeKind } from '#shared/flow.ts'
import { ChangeMailForm } from './change-mail.tsx'
import { CreateFolderForm } from './create-folder.tsx'
import { FetchMailForm } from './fetch-mail.tsx'
import { FindMailsForm } from './find-mails.tsx'
import { MailboxEventForm } from './mailbox-event.tsx'
import { MapDataForm } from './map-data.tsx'
import { ReceiveEmailForm } from './receive-email.tsx'
import { SendEmailForm } from './send-email.tsx'

export const nodeForms = {
  'receive-email': ReceiveEmailForm,
  'mailbox-event': MailboxEventForm,
  'map-data': MapDataForm,
  'send-email': SendEmailForm,
  'find-mails': FindMailsForm,
  'fetch-mail': FetchMailForm,
  'change-mail': ChangeMailForm,
  'create-folder': CreateFolderForm,
} as const satisfies { [K in NodeKind]: ComponentType<{ readonly node: FlowNode }> }
