/** Run history: the list on the left fills live, the chosen run on the right; filters and choice stand in the address bar. */
import { Button } from '@mantine/core'
import { History } from 'lucide-react'
import { useCallback } from 'react'
import { useLocation, useRoute, useSearchParams } from 'wouter'
import { runStates, type RunState } from '#shared/run.ts'
import { useFlows, useRuns, type RunsFilter } from '../api/queries.ts'
import { paths } from '../routes.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loading } from '../ui/loading.tsx'
import { ErrorNote } from '../ui/note.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { RunDetail } from './run-detail.tsx'
import { RunsFilters } from './runs-filters.tsx'
import { RunsList } from './runs-list.tsx'
import css from './runs-page.module.css'

export interface RunsPageProps {
  /** Only this flow's runs; then the page stands inside the flow's own screen, without a header. */
  readonly flow?: string
}

export function RunsPage({ flow }: RunsPageProps) {
  const [, navigate] = useLocation()
  const [search, setSearch] = useSearchParams()
  const [, params] = useRoute(`${paths.runs}/:id`)
  // Inside a flow's screen the path belongs to the flow, so the choice stands in the search part.
  const chosen = flow === undefined ? params?.id ?? '' : search.get('run') ?? ''
  const filter = readFilter(search, flow)
  const runs = useRuns(filter)
  const flows = useFlows().data?.flows ?? []
  const rows = runs.data?.pages.flatMap((page) => page.runs) ?? []

  const choose = useCallback((id: string) => {
    if (flow === undefined) {
      const asked = search.toString()
      navigate(`${id === '' ? paths.runs : paths.run(id)}${asked === '' ? '' : `?${asked}`}`, { replace: chosen !== '' && id !== '' })
    } else {
      setSearch((before) => changed(before, { run: id }), { replace: chosen !== '' && id !== '' })
    }
  }, [chosen, flow, navigate, search, setSearch])
  const filterBy = (change: Readonly<Record<string, string>>) => { setSearch((before) => changed(before, change), { replace: true }) }
  const filtered = Object.keys(filter).some((key) => key !== 'flow' || flow === undefined)

  return (
    <div className={css['page']} data-inside={flow !== undefined || undefined}>
      {flow === undefined && <PageHeader title="Runs" say="One run for each mail, newest first." />}
      <div className={css['split']} data-chosen={chosen !== '' || undefined}>
        <section className={css['list']} aria-label="Runs">
          <RunsFilters filter={filter} flows={flow === undefined ? flows : null} onChange={filterBy} />
          {runs.isPending && <Loading what="the runs" rows={8} />}
          {runs.error && <div className={css['pad']}><ErrorNote error={runs.error} onRetry={runs.refetch} /></div>}
          {runs.data && rows.length === 0 && (filtered
            ? <EmptyState icon={<History size={20} />} title="No run fits" say="No run matches these filters."><Button variant="default" onClick={() => { filterBy({ flow: '', state: '', in: '', q: '' }) }}>Show all runs</Button></EmptyState>
            : <EmptyState icon={<History size={20} />} title="No runs yet" say="As soon as a deployed flow receives a mail, its run appears here by itself." />)}
          {rows.length > 0 && (
            <RunsList
              rows={rows} chosen={chosen} onChoose={choose} showFlow={flow === undefined && filter.flow === undefined} stale={runs.isPlaceholderData}
              more={runs.hasNextPage ? () => { void runs.fetchNextPage() } : null} loadingMore={runs.isFetchingNextPage}
            />
          )}
        </section>
        <section className={css['detail']} aria-label="The chosen run">
          {chosen === ''
            ? <EmptyState icon={<History size={20} />} title="Choose a run" say="The mail, each step with what came in and went out, and what was sent." />
            : <RunDetail key={chosen} id={chosen} onChoose={choose} />}
        </section>
      </div>
    </div>
  )
}

function changed(before: URLSearchParams, change: Readonly<Record<string, string>>): URLSearchParams {
  const next = new URLSearchParams(before)
  for (const [name, value] of Object.entries(change)) {
    if (value === '') next.delete(name)
    else next.set(name, value)
  }
  return next
}

/** `?flow=…&state=failed&in=from&q=ana` as the API's filter; what makes no sense is left out. */
export function readFilter(search: URLSearchParams, flow?: string): RunsFilter {
  const asked = search.get('q')?.trim() ?? ''
  const place = search.get('in') ?? 'subject'
  const state = search.get('state') as RunState | null // checked by includes below
  const wanted = flow ?? search.get('flow') ?? ''
  return {
    ...(wanted === '' ? {} : { flow: wanted }),
    ...(state && runStates.includes(state) ? { state } : {}),
    ...(asked === '' ? {} : place === 'from' ? { from: asked } : place === 'messageId' ? { messageId: asked } : { subject: asked }),
  }
}
