/** One flow: its file loaded onto the desk, kept saved, and shown as a canvas, as its runs or as its versions. */
import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { FlowView } from '#shared/api.ts'
import type { Flow } from '#shared/flow.ts'
import { api, ApiFailure, sayFailure } from '../api/client.ts'
import { keys, useConnections, useFlow } from '../api/queries.ts'
import { FlowCanvas } from '../canvas/flow-canvas.tsx'
import { Inspector } from '../inspector/inspector.tsx'
import { ErrorBoundary } from '../ui/error-boundary.tsx'
import { DeskContext, openDesk, type Desk } from '../store/desk.ts'
import { findNode } from '../store/edits.ts'
import { findProblems } from '../store/problems.ts'
import type { PutAnswer, SavePorts } from '../store/save.ts'
import { texts } from '../texts.ts'
import { Loading } from '../ui/loading.tsx'
import { NoPage } from '../ui/no-page.tsx'
import { ErrorNote } from '../ui/note.tsx'
import { ConflictDialog } from './conflict-dialog.tsx'
import css from './flow.module.css'
import { FlowHeader } from './flow-header.tsx'
import { ShieldNote } from './shield-note.tsx'
import { UnreadableFlow } from './unreadable-flow.tsx'
import { useShortcuts } from './use-shortcuts.ts'
import { VersionsTab } from './versions-tab.tsx'

const RunsPage = lazy(async () => ({ default: (await import('../runs/runs-page.tsx')).RunsPage }))

export function FlowPage({ id, tab }: { readonly id: string; readonly tab: string }) {
  const flow = useFlow(id)
  if (flow.data !== undefined) return flow.data.flow === null ? <UnreadableFlow view={flow.data} /> : <FlowDesk view={flow.data} flow={flow.data.flow} tab={tab} />
  if (flow.error instanceof ApiFailure && flow.error.status === 404) return <NoPage />
  if (flow.error !== null) return <div className={css['loadError']}><ErrorNote error={flow.error} onRetry={() => { void flow.refetch() }} /></div>
  return <Loading what={texts.nav.flows} />
}

function savePorts(client: QueryClient, id: string): Omit<SavePorts, 'tell'> {
  return {
    put: async (flow, etag): Promise<PutAnswer> => {
      try {
        const before = client.getQueryData<FlowView>(keys.flow(id))?.flow
        const view = await api('PUT /api/flows/:id', { params: { id }, body: flow, ifMatch: etag })
        // An answer that was asked for before this save would put the old file back onto the desk.
        await client.cancelQueries({ queryKey: keys.flow(id), exact: true })
        client.setQueryData(keys.flow(id), view)
        // From another mailbox comes another mail to show values of.
        if (mailboxOf(before) !== mailboxOf(flow)) void client.invalidateQueries({ queryKey: keys.sample(id) })
        return { ok: true, etag: view.etag }
      } catch (error) {
        const conflict = error instanceof ApiFailure && (error.code === 'FLOW_CHANGED_MEANWHILE' || error.status === 412)
        // The choice is shown with what differs from the file as it is now.
        if (conflict) void client.invalidateQueries({ queryKey: keys.flow(id), exact: true })
        return { ok: false, conflict, say: sayFailure(error) }
      }
    },
    later: (run, ms) => {
      const timer = setTimeout(run, ms)
      return () => { clearTimeout(timer) }
    },
  }
}

const mailboxOf = (flow: Flow | null | undefined): string => {
  const config = flow?.nodes.find((node) => node.kind === 'receive-email')?.config
  return JSON.stringify([config?.['connection'], config?.['folder']])
}

function FlowDesk({ view, flow: file, tab }: { readonly view: FlowView; readonly flow: Flow; readonly tab: string }) {
  const client = useQueryClient()
  const [desk] = useState(() => openDesk(file, view.etag, savePorts(client, view.id)))
  const { store, saver } = desk
  useEffect(() => {
    const unsubscribe = store.state.subscribe((now, before) => { if (now.flow !== before.flow) saver.changed(now.flow) })
    return unsubscribe
  }, [store, saver])
  useEffect(() => () => { void saver.saveNow().finally(() => { saver.stop() }) }, [saver])
  // The file changed outside (another window, an editor, a deploy elsewhere): an untouched desk follows it, a touched one meets the conflict when it saves.
  useEffect(() => {
    if (view.etag === saver.etag() || !saver.isClean()) return
    store.load(file)
    saver.settle(view.etag)
  }, [view.etag, file, saver, store])
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => { if (!saver.isClean()) event.preventDefault() }
    window.addEventListener('beforeunload', warn)
    return () => { window.removeEventListener('beforeunload', warn) }
  }, [saver])

  const known = useConnections().data
  const connections = known?.connections ?? null
  const flow = useStore(store.state, (state) => state.flow)
  // What is not shared is there all the same: its step says so, and not that it is missing.
  const checkable = useMemo(() => known && [...known.connections, ...(known.hidden ?? []).map((id) => ({ id, kind: '', shared: false }))], [known])
  const problems = useMemo(() => findProblems(flow, checkable ?? null), [flow, checkable])
  const value = useMemo<Desk>(() => ({ ...desk, view, problems, connections }), [desk, view, problems, connections])
  // A mapping needs room; every other form is made for the slim panel.
  const [wantWide, setWantWide] = useState(true)
  const onMapping = useStore(store.state, (state) => state.selection.nodes.length === 1 && findNode(state.flow, state.selection.nodes[0] ?? '')?.kind === 'map-data')
  const wide = wantWide && onMapping
  useShortcuts(desk, tab === '')
  useEffect(() => {
    document.title = `${flow.name} · ${texts.product}`
    return () => { document.title = texts.product }
  }, [flow.name])
  return (
    <DeskContext value={value}>
      <div className={css['screen']}>
        <div><FlowHeader tab={tab} /><ShieldNote /></div>
        {tab === 'runs' ? <div className={css['tabPage']}><Suspense fallback={<Loading what={texts.nav.runs} />}><RunsPage flow={view.id} /></Suspense></div>
          : tab === 'versions' ? <div className={css['tabPage']}><VersionsTab /></div>
            : (
              <div className={css['desk']}>
                <FlowCanvas narrow={wide} />
                <ErrorBoundary><Inspector wide={wide} onWide={setWantWide} /></ErrorBoundary>
              </div>
            )}
      </div>
      <ConflictDialog />
    </DeskContext>
  )
}
