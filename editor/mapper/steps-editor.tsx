/** The functions a value goes through, numbered, each with its arguments and with what the sample mail's value is behind it. */
import { Combobox, useCombobox } from '@mantine/core'
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react'
import { useState } from 'react'
import type { Json } from '#shared/json.ts'
import { findFunction, functionGroups, mappingFunctions, type FunctionGroup } from '#shared/mapping/functions/index.ts'
import type { MappingStep } from '#shared/mapping/mapping.ts'
import { sayShort } from '../ui/value-view.tsx'
import { ArgumentInput } from './argument-input.tsx'
import css from './mapper.module.css'
import { makeStep, moveTo, removeAt, replaceAt, withArgument } from './row-edits.ts'

export interface StepsEditorProps {
  readonly steps: readonly MappingStep[]
  /** The value as read, then behind each step; [] while there is none. */
  readonly values: readonly Json[]
  readonly onChange: (steps: readonly MappingStep[]) => void
}

export function StepsEditor({ steps, values, onChange }: StepsEditorProps) {
  return (
    <ol className={css['steps']}>
      {steps.map((step, at) => (
        <StepLine
          key={`${step.fn} ${at}`} step={step} number={at + 1} before={values[at]} after={values[at + 1]} last={at === steps.length - 1}
          onChange={(next) => { onChange(replaceAt(steps, at, next)) }} onMove={(by) => { onChange(moveTo(steps, at, at + by)) }} onRemove={() => { onChange(removeAt(steps, at)) }}
        />
      ))}
    </ol>
  )
}

interface StepLineProps {
  readonly step: MappingStep
  readonly number: number
  readonly before: Json | undefined
  readonly after: Json | undefined
  readonly last: boolean
  readonly onChange: (step: MappingStep) => void
  readonly onMove: (by: -1 | 1) => void
  readonly onRemove: () => void
}
function StepLine({ step, number, before, after, last, onChange, onMove, onRemove }: StepLineProps) {
  const spec = findFunction(step.fn)
  const title = spec?.title ?? `${step.fn} (unknown)`
  const result = sayShort(after, 90)
  return (
    <li className={css['step']}>
      <i aria-hidden="true">{number}</i>
      <div className={css['stepBody']}>
        <span className={css['stepTitle']} title={spec?.help}>{title}</span>
        {spec?.params.map((param) => (
          <ArgumentInput key={param.name} param={param} of={title} alone={spec.params.length === 1} value={Object.hasOwn(step, param.name) ? (step[param.name] as Json) /* a saved row is JSON */ : undefined} onChange={(value) => { onChange(withArgument(step, param.name, value)) }} />
        ))}
      </div>
      <span className={css['stepValue']} title={result}>{after === undefined ? '' : JSON.stringify(before) === JSON.stringify(after) ? 'unchanged' : <bdi>{result || 'empty'}</bdi>}</span>
      <span className={css['stepActs']}>
        <button type="button" className={css['icon']} aria-label={`Move ${title} up`} disabled={number === 1} onClick={() => { onMove(-1) }}><ArrowUp size={13} /></button>
        <button type="button" className={css['icon']} aria-label={`Move ${title} down`} disabled={last} onClick={() => { onMove(1) }}><ArrowDown size={13} /></button>
        <button type="button" className={css['icon']} aria-label={`Remove ${title}`} onClick={onRemove}><X size={13} /></button>
      </span>
    </li>
  )
}

const groups = Object.entries(functionGroups) as readonly (readonly [FunctionGroup, string])[] // Object.entries forgets the key's type

/** "+ Add a function": the catalogue by group, searched by name and help. */
export function AddStep({ onAdd }: { readonly onAdd: (step: MappingStep) => void }) {
  const [search, setSearch] = useState('')
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption()
      combobox.focusTarget()
      setSearch('')
    },
    onDropdownOpen: () => { combobox.focusSearchInput() },
  })
  const wanted = search.trim().toLowerCase()
  const fitting = mappingFunctions.filter((spec) => `${spec.title} ${spec.name} ${spec.help}`.toLowerCase().includes(wanted))
  return (
    <Combobox store={combobox} keepMounted={false} width={340} position="bottom-start" shadow="md" onOptionSubmit={(name) => {
      const spec = findFunction(name)
      if (spec) onAdd(makeStep(spec))
      combobox.closeDropdown()
    }}>
      <Combobox.Target><button type="button" className={css['addLink']} onClick={() => { combobox.toggleDropdown() }}><Plus size={13} aria-hidden="true" />Add a function</button></Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search classNames={{ input: css['search'] ?? '' }} value={search} placeholder="Search functions" aria-label="Search functions" onChange={(event) => {
          setSearch(event.currentTarget.value)
          combobox.selectFirstOption()
        }} />
        <Combobox.Options className={css['pickList'] ?? ''}>
          {fitting.length === 0 && <Combobox.Empty>No function fits “{search}”</Combobox.Empty>}
          {groups.map(([group, title]) => {
            const inside = fitting.filter((spec) => spec.group === group)
            return inside.length > 0 && (
              <Combobox.Group key={group} label={title}>
                {inside.map((spec) => <Combobox.Option key={spec.name} value={spec.name} className={css['functionOption'] ?? ''}><b>{spec.title}</b><span>{spec.help}</span></Combobox.Option>)}
              </Combobox.Group>
            )
          })}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}
