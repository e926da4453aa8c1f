/** A real mail to look at: the last one that came in, or the last one that a step sent. */
import { useQuery } from '@tanstack/react-query'
import { MailOpen, SendHorizontal } from 'lucide-react'
import { api } from '../api/client.ts'
import { useSample, useSendMail } from '../api/queries.ts'
import { useDesk } from '../store/desk.ts'
import { texts } from '../texts.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loading } from '../ui/loading.tsx'
import { MailView } from '../ui/mail-view.tsx'
import { ErrorNote } from '../ui/note.tsx'
import css from './inspector.module.css'

export function LastMail() {
  const { view } = useDesk()
  const sample = useSample(view.id)
  if (sample.error !== null) return <ErrorNote error={sample.error} onRetry={() => { void sample.refetch() }} />
  if (sample.data === undefined) return <Loading what={texts.inspector.sample} />
  if (sample.data.mail === null) return <EmptyState icon={<MailOpen size={20} />} title={texts.inspector.noMail} say={texts.inspector.noMailSay} />
  return <div className={css['mail']}><p>{sample.data.source}</p><MailView mail={sample.data.mail} /></div>
}

export function LastSent({ node }: { readonly node: string }) {
  const { view } = useDesk()
  const sends = useQuery({ queryKey: ['outbox', { flow: view.id, last: node }], queryFn: ({ signal }) => api('GET /api/outbox', { query: { flow: view.id, limit: 20 }, signal }) })
  const last = sends.data?.sends.find((send) => send.node === node)
  const mail = useSendMail(last?.id ?? '', last !== undefined)
  const error = sends.error ?? mail.error
  if (error !== null) return <ErrorNote error={error} onRetry={() => { void sends.refetch() }} />
  if (sends.data !== undefined && last === undefined) return <EmptyState icon={<SendHorizontal size={20} />} title={texts.inspector.noSent} say={texts.inspector.noSentSay} />
  if (mail.data === undefined) return <Loading what={texts.inspector.sample} />
  return <div className={css['mail']}><MailView mail={mail.data.mail} raw={mail.data.raw} partsHref={`/api/outbox/${encodeURIComponent(last?.id ?? '')}/attachments`} /></div>
}
