/** What a Send Email step may answer although a machine wrote it. What would run for ever has no switch: docs/SPEC.md has the whole table. */
import { z } from 'zod'
import { field } from '../nodes/node.ts'

const group = 'Safety'

const titles = { answerMachines: 'Answer automatic mail too', answerLists: 'Answer mailing lists and newsletters too', sendToSelf: 'May write to the mailbox that the flow reads' } as const
export const guardTitle = (field: keyof typeof titles): string => titles[field]

export const guardFields = {
  answerMachines: field(z.boolean().default(false), {
    title: titles.answerMachines, widget: 'switch', advanced: true, group, description: 'Such as out-of-office notes and confirmations. Bounces are never answered, and nothing is answered for ever.',
    sayValue: (value) => (value === true ? 'answers machines' : ''),
  }),
  answerLists: field(z.boolean().default(false), {
    title: titles.answerLists, widget: 'switch', advanced: true, group, description: 'Sending them on to others needs no switch.',
    sayValue: (value) => (value === true ? 'answers lists' : ''),
  }),
  sendToSelf: field(z.boolean().default(false), {
    title: titles.sendToSelf, widget: 'switch', advanced: true, group, description: 'Only where other mail is picked out there: its own mail is never taken up again.',
    sayValue: (value) => (value === true ? 'may write to its own mailbox' : ''),
  }),
}
