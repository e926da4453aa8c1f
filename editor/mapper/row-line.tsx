/** One row: folded a line that says it all, unfolded the place to change it. Its result stands in the same spot in both. */
import { NativeSelect } from '@mantine/core'
import { ArrowDown, ArrowUp, Copy, Plus, Trash2 } from 'lucide-react'
import { useId } from 'react'
import type { FlowProblem } from '#shared/flow.ts'
import type { RowOutcome } from '#shared/mapping/evaluate.ts'
import type { Row } from '#shared/mapping/mapping.ts'
import type { Scope } from '#shared/mapping/paths.ts'
import { sayShort } from '../ui/value-view.tsx'
import { ConditionEditor, firstCondition } from './condition-editor.tsx'
import css from './mapper.module.css'
import type { PickField } from './pick-fields.ts'
import { withField, withSteps } from './row-edits.ts'
import { sayCondition, saySource, sayStep } from './row-words.ts'
import { SourceEditor } from './source-editor.tsx'
import { AddStep, StepsEditor } from './steps-editor.tsx'
import { targetTitle, TargetSelect } from './target-select.tsx'
import type { Ground } from './use-mapped.ts'

export interface RowActs {
  readonly onChange: (row: Row) => void
  readonly onMove: (by: -1 | 1) => void
  readonly onCopy: () => void
  readonly onRemove: () => void
}
export interface RowLineProps {
  readonly row: Row
  readonly open: boolean
  readonly first: boolean
  readonly last: boolean
  readonly ground: Ground
  readonly fields: readonly PickField[]
  readonly scope: Scope
  /** null before the first evaluation. */
  readonly outcome: RowOutcome | null
  readonly problems: readonly FlowProblem[]
  readonly onToggle: () => void
  readonly acts: RowActs
}

export function RowLine({ row, open, first, last, ground, fields, scope, outcome, problems, onToggle, acts }: RowLineProps) {
  const id = useId()
  const title = targetTitle(row.to, ground.target)
  const worst = problems.find((problem) => problem.severity === 'error') ?? problems[0]
  const trouble = outcome?.problem?.say ?? worst?.advice ?? ''
  const tone = outcome?.problem || worst?.severity === 'error' ? 'bad' : worst ? 'warn' : 'map'
  return (
    <li className={css['row']} data-open={open || undefined} data-tone={tone}>
      <button
        type="button" className={css['line']} aria-expanded={open} aria-controls={id} onClick={onToggle}
        onKeyDown={(event) => {
          if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return
          event.preventDefault()
          acts.onMove(event.key === 'ArrowUp' ? -1 : 1)
        }}
      >
        <i className={css['dot']} aria-hidden="true" />
        <span className={css['name']}>{title}{ground.target.fields?.[row.to]?.required && <em aria-label="required">*</em>}</span>
        <span className={css['from']}>
          <bdi className={css['said']}>{saySource(row, ground.onlyNode)}</bdi>
          {row.through && <span className={css['chip']}>{row.through.map(sayStep).join(', ')}</span>}
          {row.when && <span className={css['chip']} data-quiet="">{sayCondition(row.when, ground.onlyNode)}</span>}
        </span>
        <Result outcome={outcome} trouble={trouble} tone={tone} />
      </button>
      {open && (
        <div className={css['editor']} id={id}>
          <div className={css['editorHead']}>
            <span className={css['word']}>Fill</span>
            <TargetSelect to={row.to} target={ground.target} onChange={(to) => { acts.onChange({ ...row, to }) }} />
            <span className={css['acts']}>
              <button type="button" className={css['icon']} aria-label={`Move ${title} up`} title="Move up (Alt+↑)" disabled={first} onClick={() => { acts.onMove(-1) }}><ArrowUp size={14} /></button>
              <button type="button" className={css['icon']} aria-label={`Move ${title} down`} title="Move down (Alt+↓)" disabled={last} onClick={() => { acts.onMove(1) }}><ArrowDown size={14} /></button>
              <button type="button" className={css['icon']} aria-label={`Copy row ${title}`} title="Copy this row" onClick={acts.onCopy}><Copy size={14} /></button>
              <button type="button" className={css['icon']} data-bad="" aria-label={`Remove row ${title}`} title="Remove this row" onClick={acts.onRemove}><Trash2 size={14} /></button>
            </span>
          </div>
          <SourceEditor row={row} fields={fields} scope={scope} onlyNode={ground.onlyNode} onChange={acts.onChange} />
          <StepsEditor steps={row.through ?? []} values={outcome?.steps ?? []} onChange={(steps) => { acts.onChange(withSteps(row, steps)) }} />
          {row.when && <ConditionEditor row={row} when={row.when} fields={fields} onlyNode={ground.onlyNode} onChange={acts.onChange} />}
          <div className={css['more']}>
            <AddStep onAdd={(step) => { acts.onChange(withSteps(row, [...(row.through ?? []), step])) }} />
            {!row.when && <button type="button" className={css['addLink']} onClick={() => { acts.onChange(withField(row, 'when', firstCondition(row, ground.mailNode || 'receive'))) }}><Plus size={13} aria-hidden="true" />Only when…</button>}
            <span className={css['priority']}>
              <span className={css['word']}>If also typed in the next step</span>
              <NativeSelect
                size="xs" aria-label="If also typed in the next step" value={row.priority ?? ''}
                data={[{ value: '', label: 'as chosen there' }, { value: 'mapped', label: 'this row wins' }, { value: 'form', label: 'what is typed wins' }]}
                onChange={(event) => {
                  const { value } = event.currentTarget
                  acts.onChange(withField(row, 'priority', value === 'mapped' || value === 'form' ? value : undefined))
                }}
              />
            </span>
          </div>
          {problems.length > 1 && <ul className={css['problems']}>{problems.map((problem, at) => <li key={at} data-severity={problem.severity}>{problem.advice}</li>)}</ul>}
        </div>
      )}
    </li>
  )
}

/** One line whatever happens, so that nothing moves while somebody types. */
function Result({ outcome, trouble, tone }: { readonly outcome: RowOutcome | null; readonly trouble: string; readonly tone: string }) {
  if (trouble !== '') return <span className={css['result']} data-tone={tone} title={trouble}>{trouble}</span>
  if (outcome === null) return <span className={css['result']} />
  const value = sayShort(outcome.value, 140)
  return (
    <span className={css['result']} title={value}>
      {outcome.from === 'empty' ? <span className={css['hint']}>empty for this mail</span> : <bdi>{value}</bdi>}
      {outcome.from === 'otherwise' && <span className={css['hint']}> (otherwise)</span>}
    </span>
  )
}
