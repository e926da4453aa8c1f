/** Where a row's value comes from: fields of the mail, a text with holes, a fixed value, or an expression. */
import { SegmentedControl, Textarea } from '@mantine/core'
import { Plus, X } from 'lucide-react'
import { useRef } from 'react'
import { sourceOf, type Row, type RowSource } from '#shared/mapping/mapping.ts'
import { readPath, type Scope } from '#shared/mapping/paths.ts'
import { putHole } from '../ui/put-hole.ts'
import { sayShort } from '../ui/value-view.tsx'
import { FieldPicker } from './field-picker.tsx'
import css from './mapper.module.css'
import type { PickField } from './pick-fields.ts'
import { removeAt, withField, withSource } from './row-edits.ts'
import { shortPath, sourceWords } from './row-words.ts'

const order: readonly RowSource[] = ['from', 'template', 'value', 'expression']

export interface SourceEditorProps {
  readonly row: Row
  readonly fields: readonly PickField[]
  readonly scope: Scope
  readonly onlyNode: string | null
  readonly onChange: (row: Row) => void
}

export function SourceEditor({ row, fields, scope, onlyNode, onChange }: SourceEditorProps) {
  const source = sourceOf(row) ?? 'from'
  return (
    <div className={css['source']}>
      <SegmentedControl
        size="xs" aria-label="Where the value comes from" value={source} data={order.map((value) => ({ value, label: sourceWords[value] }))}
        onChange={(value) => { onChange(withSource(row, value)) }}
      />
      {source === 'from' && <Fields row={row} fields={fields} scope={scope} onlyNode={onlyNode} onChange={onChange} />}
      {source === 'template' && <Template text={row.template ?? ''} fields={fields} onChange={(text) => { onChange(withField(row, 'template', text)) }} />}
      {source === 'value' && (
        <Textarea
          aria-label="Fixed value" autosize minRows={1} maxRows={8} placeholder="The same for every mail"
          value={typeof row.value === 'string' ? row.value : row.value === undefined || row.value === null ? '' : JSON.stringify(row.value)}
          onChange={(event) => { onChange(withField(row, 'value', readTyped(event.currentTarget.value, row.value))) }}
        />
      )}
      {source === 'expression' && (
        <Textarea
          aria-label="Expression" description="JSONata; for what rows and functions can't say. Names as in the field list." inputWrapperOrder={['label', 'input', 'description', 'error']}
          autosize minRows={2} maxRows={12} spellCheck={false} classNames={{ input: css['mono'] ?? '' }} value={row.expression ?? ''}
          onChange={(event) => { onChange(withField(row, 'expression', event.currentTarget.value)) }}
        />
      )}
    </div>
  )
}

/** A list or number that stood in the file stays one while what is typed still reads as JSON. */
function readTyped(text: string, before: Row['value']): Row['value'] {
  if (typeof before === 'string' || before === undefined || before === null) return text
  try {
    return JSON.parse(text) as Row['value'] // JSON.parse makes nothing else
  } catch {
    return text
  }
}

function Fields({ row, fields, scope, onlyNode, onChange }: SourceEditorProps) {
  const from = row.from ?? []
  const setFrom = (next: readonly string[]) => { onChange(next.length === 0 ? withField(row, 'from', undefined) : withField(row, 'from', [...next])) }
  return (
    <ul className={css['paths']}>
      {from.map((path, at) => {
        const shown = sayShort(readPath(scope, path), 90)
        return (
          <li key={`${path} ${at}`}>
            <FieldPicker fields={fields} look="box" label={`Field ${path}, choose another`} onPick={(picked) => { setFrom(from.map((one, index) => (index === at ? picked : one))) }}>
              <b>{shortPath(path, onlyNode)}</b><bdi data-empty={shown === '' || undefined}>{shown || 'empty in this mail'}</bdi>
            </FieldPicker>
            <button type="button" className={css['icon']} aria-label={`Remove field ${path}`} onClick={() => { setFrom(removeAt(from, at)) }}><X size={14} /></button>
          </li>
        )
      })}
      <li>
        <FieldPicker fields={fields} look={from.length === 0 ? 'box' : 'link'} label="Add a field" onPick={(path) => { setFrom([...from, path]) }}>
          {from.length === 0 ? <span className={css['hint']}>Choose a field of the mail</span> : <><Plus size={13} aria-hidden="true" />Add a field</>}
        </FieldPicker>
      </li>
    </ul>
  )
}

function Template({ text, fields, onChange }: { readonly text: string; readonly fields: readonly PickField[]; readonly onChange: (text: string) => void }) {
  const box = useRef<HTMLTextAreaElement>(null)
  const insert = (path: string) => {
    // Where the cursor was when the picker took the focus; the box keeps it.
    onChange(putHole(text, path, box.current && [box.current.selectionStart, box.current.selectionEnd]).text)
  }
  return (
    <div>
      <Textarea ref={box} aria-label="Text with fields" autosize minRows={2} maxRows={14} placeholder={'Dear {{receive.from.name}},'} value={text} onChange={(event) => { onChange(event.currentTarget.value) }} />
      <FieldPicker fields={fields} look="link" label="Insert a field into the text" onPick={insert}><Plus size={13} aria-hidden="true" />Insert a field</FieldPicker>
    </div>
  )
}
