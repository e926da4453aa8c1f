/** The rows of run history. New ones arrive on top without moving the chosen one out of hand; far rows cost no layout. */
import { Button } from '@mantine/core'
import { RotateCcw } from 'lucide-react'
import { memo } from 'react'
import type { RunSummary } from '#shared/run.ts'
import { useConnectionName } from '../api/queries.ts'
import { sayDuration } from '../ui/formats.ts'
import { Moment } from '../ui/moment.tsx'
import { Dot } from '../ui/pill.tsx'
import { runWords } from '../ui/states.ts'
import { useRows } from '../ui/use-rows.ts'
import { senderOf, subjectOf } from './run-words.ts'
import css from './runs-page.module.css'

export interface RunsListProps {
  readonly rows: readonly RunSummary[]
  readonly chosen: string
  readonly onChoose: (id: string) => void
  readonly showFlow: boolean
  /** The rows of the filter before, while the new ones come. */
  readonly stale: boolean
  readonly more: (() => void) | null
  readonly loadingMore: boolean
}
export function RunsList({ rows, chosen, onChoose, showFlow, stale, more, loadingMore }: RunsListProps) {
  const ids: readonly string[] = rows.map((run) => run.id)
  const connectionName = useConnectionName()
  const { listProps, rowProps } = useRows(ids, chosen, onChoose)
  return (
    <div className={css['rowsScroll']} data-stale={stale || undefined}>
      <div className={css['columns']} aria-hidden="true"><span>Time</span><span>Mail</span><span>Result</span><span>Took</span></div>
      <ul className={css['rows']} aria-label="Runs, newest first" aria-busy={stale} {...listProps}>
        {rows.map((run) => <RunRow key={run.id} run={run} sender={senderOf(run, connectionName)} chosen={run.id === chosen} onChoose={onChoose} showFlow={showFlow} tabIndex={rowProps(run.id).tabIndex} />)}
      </ul>
      {more && <div className={css['more']}><Button variant="default" size="xs" loading={loadingMore} onClick={more}>Load older runs</Button></div>}
    </div>
  )
}

interface RunRowProps {
  readonly run: RunSummary
  readonly sender: string
  readonly chosen: boolean
  readonly onChoose: (id: string) => void
  readonly showFlow: boolean
  readonly tabIndex: 0 | -1
}
/** Remembered: a live message changes a few of up to a thousand rows. */
const RunRow = memo(function RunRow({ run, sender, chosen, onChoose, showFlow, tabIndex }: RunRowProps) {
  const { tone, say } = runWords[run.state]
  return (
    <li className={css['row']} data-chosen={chosen || undefined}>
      <button type="button" data-row={run.id} tabIndex={tabIndex} aria-current={chosen ? 'true' : undefined} onClick={() => { onChoose(run.id) }}>
        <Moment at={run.queuedAt} className={css['time'] ?? ''} />
        <span className={css['mail']}>
          <bdi className={css['subject']}>{subjectOf(run)}</bdi>
          <span className={css['from']}><bdi>{sender}</bdi>{showFlow && <span> · {run.flowName}</span>}</span>
        </span>
        <span className={css['result']} data-tone={tone}>
          <span><Dot tone={tone} pulse={run.state === 'running'} />{say}</span>
          {run.resent > 0 && <span className={css['resent']} title="Sent again after an unknown outcome, with the same Message-ID"><RotateCcw size={11} aria-hidden="true" />sent again</span>}
        </span>
        <span className={css['took']}>{run.durationMs === null ? '' : sayDuration(run.durationMs)}</span>
      </button>
    </li>
  )
})
