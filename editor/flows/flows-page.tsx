/** All flows with what people ask first: does it run, did mail come today, is something wrong. */
import { ActionIcon, Button, Menu, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Ellipsis, FlaskConical, Plus, Search, Trash2, Workflow } from 'lucide-react'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { FlowSummary } from '#shared/api.ts'
import type { MailboxStatus } from '#shared/connection.ts'
import { api } from '../api/client.ts'
import { keys, useFlows, useMailboxes, useMe } from '../api/queries.ts'
import { useMay } from '../api/use-may.ts'
import { paths } from '../routes.ts'
import { texts } from '../texts.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { healthWords } from '../ui/health.ts'
import { Loading } from '../ui/loading.tsx'
import { Moment } from '../ui/moment.tsx'
import { ErrorNote, Note } from '../ui/note.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Pill } from '../ui/pill.tsx'
import { FlowPicture } from './flow-picture.tsx'
import { FlowState } from '../ui/flow-state.tsx'
import css from './flows.module.css'
import { HourBars } from '../ui/hour-bars.tsx'
import { NewFlowDialog } from './new-flow-dialog.tsx'

/** Below this many flows a search field is in the way. */
const searchFrom = 8

export function FlowsPage() {
  const flows = useFlows()
  const sandbox = useMe().data?.sandbox ?? false
  const [creating, setCreating] = useState(false)
  const [query, setQuery] = useState('')
  const all = flows.data?.flows ?? []
  const found = all.filter((flow) => `${flow.name} ${flow.id}`.toLowerCase().includes(query.trim().toLowerCase()))
  return (
    <>
      <PageHeader title={texts.flows.title}>
        {all.length >= searchFrom && (
          <TextInput aria-label={texts.flows.search} placeholder={texts.flows.search} leftSection={<Search size={14} />} value={query} w={220} onChange={(event) => { setQuery(event.currentTarget.value) }} />
        )}
        <Button leftSection={<Plus size={15} />} {...useMay('edit')} onClick={() => { setCreating(true) }}>{texts.flows.create}</Button>
      </PageHeader>
      <div className={css['page']}>
        {flows.isPending && <Loading what={texts.flows.loading} />}
        {flows.error !== null && <ErrorNote title={texts.flows.failed} error={flows.error} onRetry={() => { void flows.refetch() }} />}
        {sandbox && all.length === 1 && all.every(isFresh) && (
          <Note tone="accent" title={texts.flows.tourWaits} actions={<Button size="xs" component={Link} to={paths.sandbox}>{texts.flows.toSandbox}</Button>}>{texts.flows.tourSay}</Note>
        )}
        {flows.data !== undefined && (all.length === 0 ? <NoFlows onCreate={() => { setCreating(true) }} /> : <FlowTable flows={found} query={query} />)}
      </div>
      {creating && <NewFlowDialog opened taken={all.map((flow) => flow.id)} onClose={() => { setCreating(false) }} />}
    </>
  )
}

/** It runs, and no mail has come yet: on a first start that is the tour. */
const isFresh = ({ running, today, lastProblem }: FlowSummary): boolean => running !== null && today.done + today.failed + today.open === 0 && lastProblem === null

function NoFlows({ onCreate }: { readonly onCreate: () => void }) {
  const sandbox = useMe().data?.sandbox ?? false
  return (
    <EmptyState icon={<Workflow size={20} />} title={texts.flows.empty} say={texts.flows.emptySay}>
      <Button leftSection={<Plus size={15} />} onClick={onCreate}>{texts.flows.create}</Button>
      <Button variant="default" component={Link} to={paths.connections}>{texts.flows.connect}</Button>
      {sandbox && <Button variant="default" leftSection={<FlaskConical size={15} />} component={Link} to={paths.sandbox}>{texts.flows.tour}</Button>}
    </EmptyState>
  )
}

function FlowTable({ flows, query }: { readonly flows: readonly FlowSummary[]; readonly query: string }) {
  const [removing, setRemoving] = useState<FlowSummary | null>(null)
  const troubled = useMailboxes().data?.mailboxes.filter((box) => healthWords[box.health].tone === 'bad' || box.paused !== null) ?? []
  if (flows.length === 0) return <p className={css['noMatch']}>{texts.flows.noMatch(query)}</p>
  return (
    <>
      <table className={css['table']}>
        <thead><tr>
          <th>{texts.flows.name}</th><th>{texts.flows.stateColumn}</th><th>{texts.flows.today}</th><th>{texts.flows.problem}</th><th><span className="visually-hidden">{texts.flows.open}</span></th>
        </tr></thead>
        <tbody>{flows.map((flow) => <FlowRow key={flow.id} flow={flow} trouble={troubled.find((box) => box.flows.includes(flow.id)) ?? null} onRemove={() => { setRemoving(flow) }} />)}</tbody>
      </table>
      {removing !== null && <RemoveDialog flow={removing} onClose={() => { setRemoving(null) }} />}
    </>
  )
}

interface MenuProps { readonly flow: FlowSummary; readonly onRemove: () => void }
/** `trouble`: a mailbox it receives from that a person must see to. */
interface RowProps extends MenuProps { readonly trouble: MailboxStatus | null }

function FlowRow({ flow, trouble, onRemove }: RowProps) {
  const { done, failed, open } = flow.today
  return (
    <tr>
      <td>
        <div className={css['nameCell']}>
          <FlowPicture kinds={flow.kinds} />
          <span><Link to={paths.flow(flow.id)} className={css['name'] ?? ''}><bdi>{flow.name}</bdi></Link><small>{flow.id}.json</small></span>
        </div>
      </td>
      <td>
        <div className={css['pills']}>
          <FlowState {...flow} />
          {flow.testTo !== null && <Pill tone="warn" title={texts.state.testModeSay(flow.testTo)}>{texts.state.testMode}</Pill>}
          {flow.held > 0 && <Pill tone="warn">{texts.state.held(flow.held)}</Pill>}
          {trouble !== null && <Pill tone={healthWords[trouble.health].tone}>{texts.flows.mailbox(healthWords[trouble.health].say)}</Pill>}
          {flow.changed && flow.latest > 0 && <Pill tone="warn">{texts.state.changed}</Pill>}
          {flow.problems > 0 && <Pill tone="warn">{texts.flows.problems(flow.problems)}</Pill>}
        </div>
      </td>
      <td>
        <div className={css['todayCell']}>
          <HourBars hours={flow.hours} />
          <small className="tabular">{texts.flows.runsOf(done + failed + open, failed)}</small>
        </div>
      </td>
      <td className={css['problemCell']}>
        {flow.paused !== null ? <Link to={paths.flow(flow.id)} className={css['problem'] ?? ''} data-tone="bad" title={flow.paused.problem.say}><span>{flow.paused.problem.say}</span><small><Moment at={flow.paused.at} as="ago" /></small></Link> : trouble !== null ? <Link to={paths.mailboxes} className={css['problem'] ?? ''} data-tone={healthWords[trouble.health].tone} title={trouble.say}><span>{trouble.say}</span></Link> : flow.lastProblem === null ? <small>{texts.flows.fine}</small> : (
          <Link to={paths.run(flow.lastProblem.run)} className={css['problem'] ?? ''} title={flow.lastProblem.say}>
            <span>{flow.lastProblem.say}</span><small><Moment at={flow.lastProblem.at} as="ago" /></small>
          </Link>
        )}
      </td>
      <td className={css['moreCell']}>
        <MoreMenu flow={flow} onRemove={onRemove} />
      </td>
    </tr>
  )
}

function MoreMenu({ flow, onRemove }: MenuProps) {
  const [, go] = useLocation()
  return (
    <Menu position="bottom-end">
      <Menu.Target><ActionIcon aria-label={texts.flows.more(flow.name)}><Ellipsis size={16} aria-hidden="true" /></ActionIcon></Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => { go(paths.flow(flow.id)) }}>{texts.flows.open}</Menu.Item>
        <Menu.Item onClick={() => { go(paths.flowRuns(flow.id)) }}>{texts.flows.runs}</Menu.Item>
        <Menu.Item color="red" leftSection={<Trash2 size={14} aria-hidden="true" />} onClick={onRemove}>{texts.flows.remove}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function RemoveDialog({ flow, onClose }: { readonly flow: FlowSummary; readonly onClose: () => void }) {
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: () => api('DELETE /api/flows/:id', { params: { id: flow.id } }),
    onSuccess: () => {
      client.removeQueries({ queryKey: keys.flow(flow.id) })
      void client.invalidateQueries({ queryKey: keys.flows })
      onClose()
    },
  })
  return (
    <ConfirmDialog opened title={texts.flows.removeTitle(flow.name)} action={texts.flows.removeAction} tone="bad" busy={remove.isPending} error={remove.error} onConfirm={() => { remove.mutate() }} onClose={onClose}>
      <p>{texts.flows.removeSay}</p>
      {flow.running !== null && <p>{texts.flows.removeRunning}</p>}
    </ConfirmDialog>
  )
}
