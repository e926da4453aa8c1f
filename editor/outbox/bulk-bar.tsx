/** What can be done with the chosen mails: how many they are, all that match instead, and each decision that some of them allow. */
import { Button, CloseButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { decisionRules, decisions, mayDecide, type DecisionKind } from '#shared/outbox.ts'
import type { SendView } from '#shared/run.ts'
import { api } from '../api/client.ts'
import { keys } from '../api/queries.ts'
import type { OutboxFilter } from '../api/routes-types.ts'
import { useMay } from '../api/use-may.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { sayCount } from '../ui/formats.ts'
import { ErrorNote, Note } from '../ui/note.tsx'
import { decisionWords } from './decision-words.ts'
import css from './outbox-page.module.css'
import { useBulk } from './use-bulk.ts'

export interface BulkBarProps {
  readonly chosen: readonly SendView[]
  readonly filter: OutboxFilter
  /** All rows of the list are chosen, and there are more of them than it shows. */
  readonly more: boolean
  readonly onClear: () => void
}
export function BulkBar({ chosen, filter, more, onClear }: BulkBarProps) {
  const [all, setAll] = useState(false)
  const everything = all && more
  const barred = useMay('deploy')
  const counted = useQuery({ queryKey: keys.outboxCount(filter), queryFn: ({ signal }) => api('GET /api/outbox/count', { query: filter, signal }), enabled: everything })
  const bulk = useBulk(() => {
    setAll(false)
    onClear()
  })
  const offered = decisions.flatMap((decision) => {
    const ids = chosen.filter((send) => mayDecide(decision, send)).map(({ id }) => id)
    const may = everything ? filter.state === undefined || decisionRules[decision].from.includes(filter.state) : ids.length > 0
    return may ? [{ decision, ids }] : []
  })
  const ask = (decision: DecisionKind, ids: readonly string[]) => {
    if (!everything) bulk.ask({ decision, those: { ids }, count: ids.length })
    else if (counted.data) bulk.ask({ decision, those: { filter, upTo: counted.data.upTo }, count: counted.data.count })
  }
  const words = bulk.asked && decisionWords[bulk.asked.decision]
  return (
    <>
      {chosen.length > 0 && (
        <div className={css['bulk']} role="toolbar" aria-label="What to do with the chosen mails">
          <p aria-live="polite">{everything ? (counted.data ? `All ${sayCount(counted.data.count, 'mail')} that match` : 'Counting…') : `${chosen.length.toLocaleString('en-GB')} chosen`}</p>
          {more && !everything && <Button size="compact-xs" variant="subtle" onClick={() => { setAll(true) }}>Choose all that match</Button>}
          {everything && <Button size="compact-xs" variant="subtle" onClick={() => { setAll(false) }}>Only the {chosen.length} shown</Button>}
          {offered.map(({ decision, ids }) => (
            <Button key={decision} size="compact-xs" variant="default" disabled={everything && !counted.data} {...barred} onClick={() => { ask(decision, ids) }}>
              {decisionWords[decision].title}{!everything && ids.length < chosen.length && ` (${ids.length})`}…
            </Button>
          ))}
          {offered.length === 0 && <span>Nothing is to be decided about these.</span>}
          <CloseButton size="sm" aria-label="Choose none" onClick={onClear} />
        </div>
      )}
      {counted.error && <ErrorNote error={counted.error} onRetry={counted.refetch} />}
      {bulk.told && (
        <div className={css['told']} aria-live="polite">
          <Note tone={bulk.told.left.length > 0 ? 'warn' : 'ok'} title={decisionWords[bulk.told.decision].done(bulk.told.done)} actions={<Button size="compact-xs" variant="default" onClick={bulk.forget}>Close</Button>}>
            {bulk.told.left.length > 0 && <ul>{bulk.told.left.map(({ say, count }) => <li key={say}>{count.toLocaleString('en-GB')} not: {say}</li>)}</ul>}
          </Note>
        </div>
      )}
      <ConfirmDialog
        opened={bulk.asked !== null} title={words && bulk.asked ? `${words.title}: ${sayCount(bulk.asked.count, 'mail')}?` : ''} action={words && bulk.asked ? `${words.title} (${bulk.asked.count.toLocaleString('en-GB')})` : ''} tone={words?.tone ?? 'accent'}
        busy={bulk.busy} error={bulk.error} onConfirm={bulk.go} onClose={() => { if (!bulk.busy) bulk.ask(null) }}
      >
        <p>{words?.say}</p>
        {bulk.asked && 'filter' in bulk.asked.those && <p>Mails that come from now on are not among them.</p>}
        {bulk.busy && <p aria-live="polite">{bulk.done.toLocaleString('en-GB')} done…</p>}
      </ConfirmDialog>
    </>
  )
}
