/** One argument of a function, in the input that fits its kind; left at its default it stays out of the file. */
import { Checkbox, NativeSelect, NumberInput, TextInput } from '@mantine/core'
import { Plus, X } from 'lucide-react'
import { isJsonObject, type Json } from '#shared/json.ts'
import type { FunctionParam } from '#shared/mapping/functions/index.ts'
import css from './mapper.module.css'

export interface ArgumentInputProps {
  readonly param: FunctionParam
  /** The function's title, so that every input has a name of its own for a screen reader. */
  readonly of: string
  /** The function's only one: its title says enough. */
  readonly alone: boolean
  /** undefined while the default holds. */
  readonly value: Json | undefined
  /** undefined goes back to the default. */
  readonly onChange: (value: Json | undefined) => void
}

export function ArgumentInput({ param, of, alone, value, onChange }: ArgumentInputProps) {
  const label = `${of}: ${param.title}`
  const shown = value ?? param.default
  switch (param.kind) {
    case 'boolean':
      return <Checkbox size="xs" label={param.title} checked={shown === true} onChange={(event) => { onChange(event.currentTarget.checked === param.default ? undefined : event.currentTarget.checked) }} />
    case 'number':
      return (
        <span className={css['argument']}>{!alone && <span aria-hidden="true">{param.title}</span>}
          <NumberInput size="xs" aria-label={label} hideControls value={typeof shown === 'number' ? shown : ''} onChange={(next) => { onChange(typeof next === 'number' ? next : param.required ? param.default : undefined) }} />
        </span>
      )
    case 'choice':
      return (
        <span className={css['argument']}>{!alone && <span aria-hidden="true">{param.title}</span>}
          <NativeSelect size="xs" aria-label={label} value={typeof shown === 'string' ? shown : ''} data={[...(param.options ?? [])]} onChange={(event) => { onChange(event.currentTarget.value) }} />
        </span>
      )
    case 'pairs': return <Pairs value={shown} onChange={onChange} />
    case 'text': case 'pattern': case 'zone':
      return <TextArgument param={param} label={label} alone={alone} text={typeof shown === 'string' ? shown : JSON.stringify(shown)} onChange={(text) => { onChange(!param.required && text === param.default ? undefined : text) }} />
  }
}

/** One line for texts that hold line breaks: Enter types one, and it is seen as ↵ ("join with ↵↵" is a blank line). */
function TextArgument({ param, label, alone, text, onChange }: { readonly param: FunctionParam; readonly label: string; readonly alone: boolean; readonly text: string; readonly onChange: (text: string) => void }) {
  const breaks = param.kind === 'text'
  return (
    <span className={css['argument']}>{!alone && <span aria-hidden="true">{param.title}</span>}
      <TextInput
        size="xs" aria-label={label} value={breaks ? toLine(text) : text} spellCheck={false} classNames={{ input: (param.kind === 'pattern' ? css['mono'] : '') ?? '' }}
        placeholder={param.kind === 'zone' ? 'Europe/Berlin' : ''}
        onChange={(event) => { onChange(breaks ? fromLine(event.currentTarget.value) : event.currentTarget.value) }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !breaks) return
          event.preventDefault()
          const { selectionStart, selectionEnd, value } = event.currentTarget
          const at = selectionStart ?? value.length
          onChange(fromLine(`${value.slice(0, at)}↵${value.slice(selectionEnd ?? at)}`))
        }}
      />
    </span>
  )
}
export const toLine = (text: string): string => text.replaceAll('\n', '↵')
export const fromLine = (line: string): string => line.replaceAll('↵', '\n')

/** A look-up table as pairs of inputs. */
function Pairs({ value, onChange }: { readonly value: Json; readonly onChange: (value: Json) => void }) {
  const pairs = Object.entries(isJsonObject(value) ? value : {})
  const put = (next: readonly (readonly [string, Json])[]) => { onChange(Object.fromEntries(next)) }
  return (
    <div className={css['pairs']}>
      {pairs.map(([key, result], at) => (
        <span key={at}>
          <TextInput size="xs" aria-label={`If it is, line ${at + 1}`} placeholder="if it is" value={key} onChange={(event) => { put(pairs.map((pair, index) => (index === at ? [event.currentTarget.value, result] : pair))) }} />
          <TextInput size="xs" aria-label={`Then, line ${at + 1}`} placeholder="then" value={typeof result === 'string' ? result : JSON.stringify(result)} onChange={(event) => { put(pairs.map((pair, index) => (index === at ? [key, event.currentTarget.value] : pair))) }} />
          <button type="button" className={css['icon']} aria-label={`Remove line ${at + 1}`} onClick={() => { put(pairs.filter((_, index) => index !== at)) }}><X size={13} /></button>
        </span>
      ))}
      <button type="button" className={css['addLink']} disabled={pairs.some(([key]) => key === '')} onClick={() => { put([...pairs, ['', '']]) }}><Plus size={13} aria-hidden="true" />Add a line</button>
    </div>
  )
}
