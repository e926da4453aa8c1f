/** Fields that hold words, a number, a yes or one of a few choices. */
import { Select, Switch, Textarea, TextInput } from '@mantine/core'
import { InsertHole } from './insert-hole.tsx'
import { UnitInput } from './unit-input.tsx'
import { line, numberOf, textOf, type WidgetProps } from './widget.ts'
import css from './widgets.module.css'

const order = ['label' as const, 'input' as const, 'description' as const, 'error' as const]

export function TextWidget({ field, node, value, onChange, error, help, hint }: WidgetProps) {
  return (
    <InsertHole node={node} title={field.meta.title} text={textOf(value)} on={field.meta.template === true} more={field.meta.holes} onChange={onChange}>
      <TextInput label={field.meta.title} value={textOf(value)} placeholder={hint ?? field.meta.placeholder} description={line(help)} error={line(error)} dir="auto" inputWrapperOrder={order}
        onChange={(event) => { onChange(orNothing(event.currentTarget.value)) }} />
    </InsertHole>
  )
}

/** Addresses are words until the server sends to them; spelling help would only underline them. */
export function AddressesWidget({ field, node, value, onChange, error, help, hint }: WidgetProps) {
  return (
    <InsertHole node={node} title={field.meta.title} text={textOf(value)} on={field.meta.template === true} onChange={onChange}>
      <TextInput label={field.meta.title} value={textOf(value)} placeholder={hint ?? field.meta.placeholder} description={line(help)} error={line(error)} spellCheck={false} autoComplete="off" inputMode="email" inputWrapperOrder={order}
        onChange={(event) => { onChange(orNothing(event.currentTarget.value)) }} />
    </InsertHole>
  )
}

export function TextareaWidget({ field, node, value, onChange, error, help, hint }: WidgetProps) {
  return (
    <InsertHole node={node} title={field.meta.title} text={textOf(value)} on={field.meta.template === true} onChange={onChange}>
      <Textarea label={field.meta.title} value={textOf(value)} placeholder={hint ?? field.meta.placeholder} description={line(help)} error={line(error)} dir="auto" inputWrapperOrder={order}
        onChange={(event) => { onChange(orNothing(event.currentTarget.value)) }} />
    </InsertHole>
  )
}

export function NumberWidget({ field, value, onChange, error, help }: WidgetProps) {
  return <UnitInput label={field.meta.title} value={numberOf(value)} onChange={onChange} units={[]} unit="" unitLabel="" help={line(help)} error={line(error)} />
}

export function SwitchWidget({ field, value, onChange, error, help }: WidgetProps) {
  return <Switch label={field.meta.title} checked={value === true} description={line(help)} error={line(error)} onChange={(event) => { onChange(event.currentTarget.checked) }} />
}

export function SelectWidget({ field, value, onChange, error, help }: WidgetProps) {
  const options = field.meta.options ?? []
  const chosen = options.find((option) => option.value === value)
  return (
    <Select label={field.meta.title} value={textOf(value)} data={options.map(({ value: key, label }) => ({ value: key, label }))} error={line(error)} description={line(chosen?.help ?? help)} inputWrapperOrder={order}
      onChange={(next) => { if (next !== null) onChange(next) }}
      renderOption={({ option, checked }) => {
        const said = options.find((one) => one.value === option.value)?.help
        return <span className={css['option']} data-checked={checked || undefined}><span>{option.label}</span>{said !== undefined && <small>{said}</small>}</span>
      }} />
  )
}

/** An empty field leaves the file, so that a draft stays as short as what was said. */
const orNothing = (text: string): string | undefined => (text === '' ? undefined : text)
