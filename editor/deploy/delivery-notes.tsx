/** Before a flow sends from an address for the first time: what receivers will hold against it, and whom to ask. Advice; it blocks nothing. */
import { useQuery } from '@tanstack/react-query'
import { typedSenders } from '#shared/deliverability.ts'
import type { Flow } from '#shared/flow.ts'
import { api } from '../api/client.ts'
import { useMay } from '../api/use-may.ts'
import { useDesk, useDeskState } from '../store/desk.ts'
import { texts } from '../texts.ts'
import css from './deploy.module.css'

/** `latest`: the newest version, null before the first deploy. */
export function DeliveryNotes({ latest }: { readonly latest: Flow | null }) {
  const { view } = useDesk()
  const flow = useDeskState((state) => state.flow)
  const barred = useMay('edit')
  const senders = JSON.stringify(typedSenders(flow))
  const isNew = senders !== '[]' && (latest === null || senders !== JSON.stringify(typedSenders(latest)))
  const { data } = useQuery({
    queryKey: ['delivery', view.id, senders], enabled: isNew && !barred.disabled, retry: false, staleTime: 60_000,
    queryFn: ({ signal }) => api('POST /api/flows/:id/delivery', { params: { id: view.id }, body: flow, signal }),
  })
  if (!isNew || data === undefined || data.doubts.length + data.unanswered.length === 0) return null
  return (
    <section className={css['delivery']}>
      <h3>{texts.delivery.title}</h3>
      <ul>
        {data.doubts.map(({ node, about, say, fix }) => <li key={`${node} ${about} ${say}`}><b>{say}</b> <span>{fix}</span></li>)}
        {data.unanswered.map((domain) => <li key={domain}><span>{texts.delivery.unanswered(domain)}</span></li>)}
      </ul>
    </section>
  )
}
