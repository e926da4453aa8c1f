/** The head of the flow screen: what it is called, whether it runs, and what can be done with it as a whole. */
import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { Play, Redo2, Rocket, Square, Undo2 } from 'lucide-react'
import { useMemo, useRef, useState, type MouseEvent } from 'react'
import { Link } from 'wouter'
import { useVersions } from '../api/queries.ts'
import { useMay } from '../api/use-may.ts'
import { DeployDialog } from '../deploy/deploy-dialog.tsx'
import { StopDialog } from '../deploy/stop-dialog.tsx'
import { TryDrawer } from '../deploy/try-drawer.tsx'
import { paths } from '../routes.ts'
import { FlowState } from '../ui/flow-state.tsx'
import { listChanges } from '../store/changes.ts'
import { useDesk, useDeskState } from '../store/desk.ts'
import { texts } from '../texts.ts'
import { Pill } from '../ui/pill.tsx'
import css from './flow.module.css'
import { FlowName } from './flow-name.tsx'
import { SaveNote } from './save-note.tsx'

export function FlowHeader({ tab }: { readonly tab: string }) {
  const { store, view } = useDesk()
  const flow = useDeskState((state) => state.flow)
  const past = useDeskState((state) => state.history.past.at(-1)?.say ?? null)
  const future = useDeskState((state) => state.history.future.at(-1)?.say ?? null)
  const versions = useVersions(view.id).data?.versions
  const latest = versions?.find((version) => version.version === view.latest)?.flow ?? null
  const changes = useMemo(() => (latest === null ? 0 : listChanges(latest, flow).length), [latest, flow])
  const [dialog, setDialog] = useState<'deploy' | 'stop' | 'try' | null>(null)
  const mayEdit = useMay('edit')
  const mayDeploy = useMay('deploy')
  const deployButton = useRef<HTMLButtonElement>(null)
  const opener = useRef<HTMLButtonElement | null>(null)
  const open = (which: 'deploy' | 'stop' | 'try') => (event: MouseEvent<HTMLButtonElement>): void => {
    opener.current = event.currentTarget
    setDialog(which)
  }
  /** The focus goes back to where it came from, but not to Stop, which is gone once the flow has stopped. */
  const close = (): void => {
    setDialog(null)
    requestAnimationFrame(() => { opener.current?.focus() })
  }
  const closeStopped = (): void => {
    opener.current = deployButton.current
    close()
  }
  const asDrawn = view.running !== null && view.running === view.latest && latest !== null && changes === 0
  const restart = view.running === null && view.latest > 0 && latest !== null && changes === 0
  return (
    <header className={css['header']}>
      <FlowName />
      <span className={css['pills']}>
        <FlowState {...view} />
        {flow.sending?.testTo !== undefined && <Pill tone="warn" title={texts.state.testModeSay(flow.sending.testTo)}>{texts.state.testMode}</Pill>}
        {mayEdit.disabled && <Pill tone="quiet" title={mayEdit.title}>{texts.state.looking}</Pill>}
        {changes > 0 && <Pill tone="warn">{texts.state.changes(changes)}</Pill>}
      </span>
      <nav className={css['tabs']} aria-label={texts.header.tabs}>
        <Tab to={paths.flow(view.id)} on={tab === ''}>{texts.header.canvas}</Tab>
        <Tab to={paths.flowRuns(view.id)} on={tab === 'runs'}>{texts.header.runs}</Tab>
        <Tab to={paths.flowVersions(view.id)} on={tab === 'versions'}>{texts.header.versions}</Tab>
      </nav>
      <div className={css['actions']}>
        <SaveNote />
        <span className={css['undo']}>
          <Tooltip label={texts.header.undo(past)}><ActionIcon aria-label={texts.header.undo(past)} disabled={past === null} onClick={store.undo}><Undo2 size={16} /></ActionIcon></Tooltip>
          <Tooltip label={texts.header.redo(future)}><ActionIcon aria-label={texts.header.redo(future)} disabled={future === null} onClick={store.redo}><Redo2 size={16} /></ActionIcon></Tooltip>
        </span>
        <Button variant="default" disabled={flow.nodes.length === 0} {...mayEdit} onClick={open('try')}>{texts.header.tryIt}</Button>
        {view.running !== null && <Button variant="default" leftSection={<Square size={13} aria-hidden="true" />} {...mayDeploy} onClick={open('stop')}>{texts.header.stop}</Button>}
        {/* Stays in the tab order while there is nothing to deploy, so that a deploy takes nobody's place away. */}
        <Button ref={deployButton} leftSection={restart ? <Play size={14} aria-hidden="true" /> : <Rocket size={14} aria-hidden="true" />} {...(asDrawn ? { 'data-disabled': true } : {})} aria-disabled={asDrawn} title={asDrawn ? texts.header.deployed(view.latest) : undefined} {...mayDeploy}
          onClick={(event) => { if (!asDrawn) open('deploy')(event) }}>
          {restart ? texts.header.start(view.latest) : texts.header.deploy(view.latest + 1)}
        </Button>
      </div>
      {dialog === 'deploy' && <DeployDialog onClose={close} />}
      {dialog === 'stop' && <StopDialog onClose={close} onStopped={closeStopped} />}
      {dialog === 'try' && <TryDrawer onClose={close} />}
    </header>
  )
}

function Tab({ to, on, children }: { readonly to: string; readonly on: boolean; readonly children: string }) {
  return <Link to={to} aria-current={on ? 'page' : undefined}>{children}</Link>
}
