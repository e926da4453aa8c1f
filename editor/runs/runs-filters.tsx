/** The list's filters in one line: state, flow, and a search that waits until the typing pauses. */
import { Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { Search } from 'lucide-react'
import { useState } from 'react'
import type { FlowSummary } from '#shared/api.ts'
import { runStates } from '#shared/run.ts'
import type { RunsFilter } from '../api/queries.ts'
import { runWords } from '../ui/states.ts'
import css from './runs-page.module.css'

const places = [{ value: 'subject', label: 'Subject' }, { value: 'from', label: 'Sender' }, { value: 'messageId', label: 'Message-ID' }]

export interface RunsFiltersProps {
  readonly filter: RunsFilter
  /** null inside a flow's own screen. */
  readonly flows: readonly FlowSummary[] | null
  /** Changes of the address bar's `state`, `flow`, `in` and `q`; '' takes one away. */
  readonly onChange: (change: Readonly<Record<string, string>>) => void
}
export function RunsFilters({ filter, flows, onChange }: RunsFiltersProps) {
  const [place, setPlace] = useState(filter.from ? 'from' : filter.messageId ? 'messageId' : 'subject')
  const [text, setText] = useState(filter.subject ?? filter.from ?? filter.messageId ?? '')
  const ask = useDebouncedCallback((q: string, where: string) => { onChange({ q, in: q === '' || where === 'subject' ? '' : where }) }, 250)
  return (
    <search className={css['filters']}>
      <Select
        size="xs" aria-label="State" className={css['filterState'] ?? ''} value={filter.state ?? ''}
        data={[{ value: '', label: 'All states' }, ...runStates.map((state) => ({ value: state, label: runWords[state].say }))]}
        onChange={(state) => { onChange({ state: state ?? '' }) }}
      />
      {flows !== null && (
        <Select
          size="xs" aria-label="Flow" className={css['filterFlow'] ?? ''} value={filter.flow ?? ''} searchable={flows.length > 8}
          data={[{ value: '', label: 'All flows' }, ...flows.map((flow) => ({ value: flow.id, label: flow.name }))]}
          onChange={(flow) => { onChange({ flow: flow ?? '' }) }}
        />
      )}
      <div className={css['filterSearch']}>
        <Select
          size="xs" aria-label="Search in" value={place} data={places} className={css['filterPlace'] ?? ''}
          onChange={(value) => {
            if (value === null) return
            setPlace(value)
            if (text !== '') ask(text, value)
          }}
        />
        <TextInput
          size="xs" type="search" aria-label="Search runs" placeholder="Search" value={text} leftSection={<Search size={14} aria-hidden="true" />} styles={{ input: { paddingInlineStart: 30 } }}
          onChange={(event) => {
            setText(event.currentTarget.value)
            ask(event.currentTarget.value, place)
          }}
        />
      </div>
    </search>
  )
}
