/** Everything that is to be sent or was: by state, and the three choices spelled out where the outcome is not known. */
import { Button } from '@mantine/core'
import { Send } from 'lucide-react'
import { Link, useSearchParams } from 'wouter'
import { recipientStates, type RecipientState } from '#shared/run.ts'
import { useFlows, useOutbox } from '../api/queries.ts'
import { paths } from '../routes.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { sayCount } from '../ui/formats.ts'
import { Loading } from '../ui/loading.tsx'
import { Moment } from '../ui/moment.tsx'
import { ErrorNote, Note } from '../ui/note.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { SendCard } from '../ui/send-card.tsx'
import { sendWords } from '../ui/states.ts'
import { Decide } from './decide.tsx'
import css from './outbox-page.module.css'

/** In the order a person cares: what needs them first. */
const order: readonly RecipientState[] = ['unknown', 'held', 'deferred', 'refused', 'bounced', 'ready', 'sending', 'sent', 'given-up', 'replaced']
const chipWords: Record<RecipientState, string> = { unknown: 'Needs a decision', held: 'Held', deferred: 'Put off', refused: 'Not delivered', bounced: 'Came back', ready: 'To be sent', sending: 'Sending', sent: 'Sent', 'given-up': 'Given up', replaced: 'Edited' }

export function OutboxPage() {
  const [search, setSearch] = useSearchParams()
  const asked = search.get('state') as RecipientState | null // checked by includes
  const state = asked && recipientStates.includes(asked) ? asked : ''
  const outbox = useOutbox(state === '' ? {} : { state })
  const flows = useFlows().data?.flows ?? []
  const counts = outbox.data?.pages[0]?.counts ?? {}
  const sends = outbox.data?.pages.flatMap((page) => page.sends) ?? []
  const filterBy = (next: string) => { setSearch(next === '' ? {} : { state: next }, { replace: true }) }
  return (
    <div className={css['page']}>
      <PageHeader title="Outbox" say="Each mail is kept here until its server has accepted it." />
      <div className={css['content']}>
        <fieldset className={css['chips']}>
          <legend className="visually-hidden">Show</legend>
          <Chip label="All" count={null} on={state === ''} tone="quiet" onClick={() => { filterBy('') }} />
          {order.map((one) => <Chip key={one} label={chipWords[one]} count={counts[one] ?? 0} on={state === one} tone={sendWords[one].tone} onClick={() => { filterBy(one) }} />)}
        </fieldset>
        {state === '' && (counts['unknown'] ?? 0) > 0 && (
          <Note tone="warn" title={`${sayCount(counts['unknown'] ?? 0, 'mail waits', 'mails wait')} for your decision`} actions={<Button size="xs" onClick={() => { filterBy('unknown') }}>Decide</Button>}>
            Nobody knows whether it was sent, because the server&apos;s answer got lost.
          </Note>
        )}
        {outbox.isPending && <Loading what="the outbox" />}
        {outbox.error && <ErrorNote error={outbox.error} onRetry={outbox.refetch} />}
        {outbox.data && sends.length === 0 && (
          <EmptyState icon={<Send size={20} />} title={state === '' ? 'Nothing to be sent yet' : 'Nothing here'} say={state === '' ? 'When a flow sends a mail, it appears here with the answer of its server.' : emptyWords[state]} />
        )}
        <ul className={css['list']} aria-live="polite" aria-relevant="additions" aria-busy={outbox.isPlaceholderData} data-stale={outbox.isPlaceholderData || undefined}>
          {sends.map((send) => (
            <li key={send.id}>
              <SendCard send={send} heading="h2">
                <p className={css['origin']}><Moment at={send.createdAt} /> by <Link href={paths.flow(send.flow)}>{flows.find((flow) => flow.id === send.flow)?.name ?? send.flow}</Link>, <Link href={paths.run(send.run)}>its run</Link></p>
                {send.state === 'unknown' && <Decide send={send} />}
              </SendCard>
            </li>
          ))}
        </ul>
        {outbox.hasNextPage && <div className={css['more']}><Button variant="default" loading={outbox.isFetchingNextPage} onClick={() => { void outbox.fetchNextPage() }}>Load older mails</Button></div>}
      </div>
    </div>
  )
}

const emptyWords: Record<RecipientState, string> = {
  unknown: 'No mail waits for a decision.', held: 'No mail is held for a person.', deferred: 'No server has put a mail off.', refused: 'Every mail that was tried was taken, or is tried again.', bounced: 'No mail that was sent has come back.',
  ready: 'Nothing is waiting to be sent.', sending: 'Nothing is being sent right now.', sent: 'Nothing has been sent yet.',
  'given-up': 'Nobody has given a mail up.', replaced: 'No mail was edited.',
}

interface ChipProps { readonly label: string; readonly count: number | null; readonly on: boolean; readonly tone: string; readonly onClick: () => void }
function Chip({ label, count, on, tone, onClick }: ChipProps) {
  return (
    <button type="button" className={css['chip']} aria-pressed={on} data-tone={tone} data-some={(count ?? 0) > 0 || undefined} onClick={onClick}>
      {label}{count !== null && <span>{count.toLocaleString('en-GB')}</span>}
    </button>
  )
}
