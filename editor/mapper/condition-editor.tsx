/** When a row counts: a field and a comparison (or an expression), and what stands there otherwise. */
import { NativeSelect, TextInput } from '@mantine/core'
import { X } from 'lucide-react'
import type { Json } from '#shared/json.ts'
import { comparisons, type Condition, type Row } from '#shared/mapping/mapping.ts'
import { FieldPicker } from './field-picker.tsx'
import css from './mapper.module.css'
import type { PickField } from './pick-fields.ts'
import { withField } from './row-edits.ts'
import { comparisonWords, shortPath } from './row-words.ts'

export interface ConditionEditorProps {
  readonly row: Row
  readonly when: Condition
  readonly fields: readonly PickField[]
  readonly onlyNode: string | null
  readonly onChange: (row: Row) => void
}

export function ConditionEditor({ row, when, fields, onlyNode, onChange }: ConditionEditorProps) {
  const put = (next: Condition) => { onChange(withField(row, 'when', next)) }
  return (
    <div className={css['condition']}>
      <span className={css['word']}>only when</span>
      {'expression' in when
        ? <TextInput size="xs" aria-label="Condition as an expression" spellCheck={false} classNames={{ root: css['grow'] ?? '', input: css['mono'] ?? '' }} value={when.expression} onChange={(event) => { put({ expression: event.currentTarget.value }) }} />
        : (
          <>
            <FieldPicker fields={fields} look="box" label="Field of the condition" onPick={(from) => { put({ ...when, from }) }}><b>{shortPath(when.from, onlyNode)}</b></FieldPicker>
            <NativeSelect size="xs" aria-label="Comparison" value={when.is} data={comparisons.map((value) => ({ value, label: comparisonWords[value].say }))} onChange={(event) => {
              const is = event.currentTarget.value as typeof when.is // one of comparisons
              const { value, ...rest } = when
              put(comparisonWords[is].takesValue ? { ...rest, is, value: value ?? '' } : { ...rest, is })
            }} />
            {comparisonWords[when.is].takesValue && <TextInput size="xs" aria-label="Compared with" classNames={{ root: css['grow'] ?? '' }} value={sayValue(when.value)} onChange={(event) => { put({ ...when, value: event.currentTarget.value }) }} />}
          </>
        )}
      <button type="button" className={css['icon']} aria-label="Remove the condition" onClick={() => { onChange(withField(withField(row, 'when', undefined), 'otherwise', undefined)) }}><X size={14} /></button>
      <span className={css['otherwise']}>
        <span className={css['word']}>otherwise</span>
        <TextInput size="xs" aria-label="Value otherwise" placeholder="left empty" value={sayValue(row.otherwise)} onChange={(event) => { onChange(withField(row, 'otherwise', event.currentTarget.value === '' ? undefined : event.currentTarget.value)) }} />
      </span>
    </div>
  )
}

const sayValue = (value: Json | undefined): string => (typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value))

export const firstCondition = (row: Row, mailNode: string): Condition => ({ from: row.from?.[0] ?? `${mailNode}.subject`, is: 'not-empty' })
