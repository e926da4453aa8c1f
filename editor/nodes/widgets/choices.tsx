/** Several of a few choices, each with a tick. */
import { Checkbox } from '@mantine/core'
import { line, type WidgetProps } from './widget.ts'
import css from './widgets.module.css'

export function ChoicesWidget({ field, value, onChange, error, help }: WidgetProps) {
  const options = field.meta.options ?? []
  const chosen = Array.isArray(value) ? value : []
  return (
    <Checkbox.Group label={field.meta.title} description={line(help)} error={line(error)} value={chosen.filter((one) => typeof one === 'string')} inputWrapperOrder={['label', 'input', 'description', 'error']}
      // In the order of the form, so that ticking one off and on again changes no file.
      onChange={(next) => { onChange(options.map((option) => option.value).filter((one) => next.includes(one))) }}>
      <div className={css['choices']}>
        {options.map((option) => <Checkbox key={option.value} size="xs" value={option.value} label={option.label} description={option.help} />)}
      </div>
    </Checkbox.Group>
  )
}
