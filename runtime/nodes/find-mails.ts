/** Find mails in a run: asks its mailbox for what matches; days are counted back from the run's own clock. */
import { queryOf, type MailSearch } from '#shared/mail-search.ts'
import type { Behaviour } from './behaviour.ts'
import { fillText } from './fill-text.ts'

export const findMails: Behaviour<'find-mails'> = async ({ connection, folder, search, limit, order }, { job, scope }) => {
  const { from, to, subject, header } = search
  const filled: MailSearch = {
    ...search,
    ...(from ? { from: await fillText(from, scope, 'From') } : {}),
    ...(to ? { to: await fillText(to, scope, 'To') } : {}),
    ...(subject ? { subject: await fillText(subject, scope, 'Subject') } : {}),
    ...(header?.value ? { header: { ...header, value: await fillText(header.value, scope, header.name) } } : {}),
  }
  return { state: 'asks', request: { do: 'find', connection, folder: await fillText(folder, scope, 'Folder'), query: queryOf(filled, job.at), limit, newestFirst: order === 'newest' } }
}
