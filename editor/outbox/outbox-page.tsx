/** Everything that is to be sent, was, or could not be: found on the left, one by one or many at once, the opened mail on the right. */
import { Button } from '@mantine/core'
import { Send } from 'lucide-react'
import { useCallback, useState } from 'react'
import { useSearchParams } from 'wouter'
import type { RecipientState, SendView } from '#shared/run.ts'
import { useOutbox } from '../api/queries.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { sayCount } from '../ui/formats.ts'
import { Loading } from '../ui/loading.tsx'
import { ErrorNote, Note } from '../ui/note.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { nothingChosen } from './choice.ts'
import { OutboxFilters, readFilter } from './outbox-filters.tsx'
import { OutboxList } from './outbox-list.tsx'
import css from './outbox-page.module.css'
import { SendDetail } from './send-detail.tsx'

export function OutboxPage() {
  const [search, setSearch] = useSearchParams()
  const [today] = useState(() => new Date())
  const filter = readFilter(search, today)
  const asked = JSON.stringify(filter)
  const outbox = useOutbox(filter)
  const sends = outbox.data?.pages.flatMap((page) => page.sends) ?? []
  const counts = outbox.data?.pages[0]?.counts ?? {}
  const [choice, setChoice] = useState(nothingChosen)
  // What was chosen under another filter is out of sight, and nobody decides about what they don't see.
  const [chosenUnder, setChosenUnder] = useState(asked)
  if (chosenUnder !== asked) {
    setChosenUnder(asked)
    setChoice(nothingChosen)
  }
  const chosen = sends.filter(({ id }) => choice.ids.has(id))
  const change = useCallback((changes: Readonly<Record<string, string>>) => {
    setSearch((before) => {
      const next = new URLSearchParams(before)
      for (const [name, value] of Object.entries(changes)) {
        if (value === '') next.delete(name)
        else next.set(name, value)
      }
      return next
    }, { replace: true })
  }, [setSearch])
  const open = useCallback((send: Pick<SendView, 'id' | 'run'>) => { change({ mail: send.id, run: send.run }) }, [change])
  const opened = search.get('mail') ?? ''
  return (
    <div className={css['page']}>
      <PageHeader title="Outbox" say="Each mail is kept here until its server has accepted it, or you give it up." />
      <div className={css['split']} data-opened={opened !== '' || undefined}>
        <section className={css['list']} aria-label="Mails">
          <OutboxFilters search={search} counts={counts} onChange={change} />
          {filter.state === undefined && (counts['unknown'] ?? 0) > 0 && (
            <div className={css['told']}>
              <Note tone="warn" title={`${sayCount(counts['unknown'] ?? 0, 'mail waits', 'mails wait')} for your decision`} actions={<Button size="xs" onClick={() => { change({ state: 'unknown' }) }}>Decide</Button>}>
                Nobody knows whether it was sent, because the server&apos;s answer got lost.
              </Note>
            </div>
          )}
          <BulkBar key={asked} chosen={chosen} filter={filter} more={outbox.hasNextPage && chosen.length === sends.length} onClear={() => { setChoice(nothingChosen) }} />
          {outbox.isPending && <Loading what="the outbox" rows={8} />}
          {outbox.error && <div className={css['pad']}><ErrorNote error={outbox.error} onRetry={outbox.refetch} /></div>}
          {outbox.data && sends.length === 0 && <Nothing filter={filter} onShowAll={() => { setSearch({}, { replace: true }) }} />}
          {sends.length > 0 && (
            <OutboxList
              sends={sends} opened={opened} onOpen={open} choice={choice} onChoice={setChoice} stale={outbox.isPlaceholderData}
              more={outbox.hasNextPage ? () => { void outbox.fetchNextPage() } : null} loadingMore={outbox.isFetchingNextPage}
            />
          )}
        </section>
        <section className={css['detail']} aria-label="The opened mail">
          {opened === ''
            ? <EmptyState icon={<Send size={20} />} title="Open a mail" say="The mail as it goes out, what its server said to whom, and what you can do about it." />
            : <SendDetail key={opened} id={opened} run={search.get('run') ?? ''} listed={sends.find(({ id }) => id === opened)} onOpen={open} />}
        </section>
      </div>
    </div>
  )
}

function Nothing({ filter, onShowAll }: { readonly filter: ReturnType<typeof readFilter>; readonly onShowAll: () => void }) {
  const { state, ...others } = filter
  if (Object.keys(others).length > 0) return <EmptyState icon={<Send size={20} />} title="No mail fits" say="No mail matches these filters."><Button variant="default" onClick={onShowAll}>Show all mails</Button></EmptyState>
  return <EmptyState icon={<Send size={20} />} title={state === undefined ? 'Nothing to be sent yet' : 'Nothing here'} say={state === undefined ? 'When a flow sends a mail, it appears here with the answer of its server.' : emptyWords[state]} />
}

const emptyWords: Record<RecipientState, string> = {
  unknown: 'No mail waits for a decision.', held: 'No mail is held for a person.', deferred: 'No server has put a mail off.', refused: 'Every mail that was tried was taken, or is tried again.', bounced: 'No mail that was sent has come back.',
  ready: 'Nothing is waiting to be sent.', sending: 'Nothing is being sent right now.', sent: 'Nothing has been sent yet.', 'given-up': 'Nobody has given a mail up.', replaced: 'No mail was edited.',
}
