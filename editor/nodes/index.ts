/** The table of forms; a kind without one does not compile. */
import type { ComponentType } from 'react'
import type { FlowNode, NodeKind } from '#shared/flow.ts'
import { MailboxEventForm } from './mailbox-event.tsx'
import { MapDataForm } from './map-data.tsx'
import { ReceiveEmailForm } from './receive-email.tsx'
import { SendEmailForm } from './send-email.tsx'

export const nodeForms = {
  'receive-email': ReceiveEmailForm,
  'mailbox-event': MailboxEventForm,
  'map-data': MapDataForm,
  'send-email': SendEmailForm,
} as const satisfies { [K in NodeKind]: ComponentType<{ readonly node: FlowNode }> }
