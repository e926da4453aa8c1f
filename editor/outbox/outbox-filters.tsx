/** What the outbox shows: by state with its number, by flow, account and age, and by words that wait until the typing pauses. */
import { Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { Search } from 'lucide-react'
import { useState } from 'react'
import { recipientStates, type RecipientState } from '#shared/run.ts'
import { useConnections, useFlows } from '../api/queries.ts'
import type { OutboxFilter } from '../api/routes-types.ts'
import { sendWords } from '../ui/states.ts'
import css from './outbox-page.module.css'

/** In the order a person cares: what needs them first. Those at the end are there only when there are such mails. */
const order: readonly RecipientState[] = ['unknown', 'held', 'refused', 'bounced', 'deferred', 'ready', 'sending', 'sent', 'given-up', 'replaced']
const always: ReadonlySet<RecipientState> = new Set<RecipientState>(['unknown', 'refused', 'deferred', 'ready', 'sending', 'sent'])
const chipWords: Record<RecipientState, string> = {
  unknown: 'Needs a decision', held: 'Held', deferred: 'Put off', refused: 'Not delivered', bounced: 'Came back', ready: 'To be sent', sending: 'Sending', sent: 'Sent', 'given-up': 'Given up', replaced: 'Edited',
}
const ages = [{ value: '', label: 'Any time' }, { value: '1', label: 'Since yesterday' }, { value: '7', label: 'Last 7 days' }, { value: '30', label: 'Last 30 days' }]

export interface OutboxFiltersProps {
  readonly search: URLSearchParams
  readonly counts: Readonly<Record<string, number>>
  /** Changes of the address bar; '' takes one away. */
  readonly onChange: (change: Readonly<Record<string, string>>) => void
}
export function OutboxFilters({ search, counts, onChange }: OutboxFiltersProps) {
  const flows = useFlows().data?.flows ?? []
  const senders = (useConnections().data?.connections ?? []).filter(({ kind }) => kind === 'smtp')
  const [text, setText] = useState(search.get('q') ?? '')
  const ask = useDebouncedCallback((q: string) => { onChange({ q }) }, 250)
  const state = search.get('state') ?? ''
  return (
    <>
      <fieldset className={css['chips']}>
        <legend className="visually-hidden">Show</legend>
        <Chip label="All" count={null} on={state === ''} tone="quiet" onClick={() => { onChange({ state: '' }) }} />
        {order.filter((one) => always.has(one) || one === state || (counts[one] ?? 0) > 0).map((one) => (
          <Chip key={one} label={chipWords[one]} count={counts[one] ?? null} on={state === one} tone={sendWords[one].tone} onClick={() => { onChange({ state: one }) }} />
        ))}
      </fieldset>
      <search className={css['filters']}>
        <TextInput
          size="xs" type="search" aria-label="Search by subject or recipient" placeholder="Subject or recipient" className={css['filterText'] ?? ''} value={text} leftSection={<Search size={14} aria-hidden="true" />} styles={{ input: { paddingInlineStart: 30 } }}
          onChange={(event) => {
            setText(event.currentTarget.value)
            ask(event.currentTarget.value)
          }}
        />
        <Select
          size="xs" aria-label="Flow" className={css['filter'] ?? ''} value={search.get('flow') ?? ''} searchable={flows.length > 8}
          data={[{ value: '', label: 'All flows' }, ...flows.map(({ id, name }) => ({ value: id, label: name }))]} onChange={(flow) => { onChange({ flow: flow ?? '' }) }}
        />
        <Select
          size="xs" aria-label="Connection" className={css['filter'] ?? ''} value={search.get('connection') ?? ''} searchable={senders.length > 8}
          data={[{ value: '', label: 'All connections' }, ...senders.map(({ id, name }) => ({ value: id, label: name }))]} onChange={(connection) => { onChange({ connection: connection ?? '' }) }}
        />
        <Select size="xs" aria-label="Since" className={css['filter'] ?? ''} value={search.get('days') ?? ''} data={ages} onChange={(days) => { onChange({ days: days ?? '' }) }} />
      </search>
    </>
  )
}

/** The address bar as the API's filter; what makes no sense is left out. A day begins at midnight, so that asking again asks the same. */
export function readFilter(search: URLSearchParams, now: Date): OutboxFilter {
  const state = search.get('state') as RecipientState | null // checked by includes
  const days = ages.find(({ value }) => value !== '' && value === search.get('days'))
  const text = search.get('q')?.trim() ?? ''
  const since = new Date(now.getFullYear(), now.getMonth(), now.getDate() - Number(days?.value ?? 0))
  return {
    ...(state && recipientStates.includes(state) ? { state } : {}),
    ...(['flow', 'connection'] as const).reduce((found, name) => (search.get(name) ? { ...found, [name]: search.get(name) ?? '' } : found), {}),
    ...(text === '' ? {} : { text }),
    ...(days ? { since: since.toISOString() } : {}),
  }
}

interface ChipProps { readonly label: string; readonly count: number | null; readonly on: boolean; readonly tone: string; readonly onClick: () => void }
function Chip({ label, count, on, tone, onClick }: ChipProps) {
  return (
    <button type="button" className={css['chip']} aria-pressed={on} data-tone={tone} data-some={(count ?? 0) > 0 || undefined} onClick={onClick}>
      {label}{count !== null && <span>{count.toLocaleString('en-GB')}</span>}
    </button>
  )
}
