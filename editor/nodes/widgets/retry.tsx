/** The rhythm of trying again, as four plain numbers. */
import { isJsonObject } from '#shared/json.ts'
import { defaultRetry } from '#shared/nodes/send-email.ts'
import { texts } from '#editor/texts.ts'
import { SecondsInput } from './duration.tsx'
import { UnitInput } from './unit-input.tsx'
import { line, numberOf, type WidgetProps } from './widget.ts'
import css from './widgets.module.css'

export function RetryWidget({ field, value, onChange, error }: WidgetProps) {
  const retry = { ...defaultRetry, ...(isJsonObject(value) ? value : {}) }
  const set = (key: keyof typeof defaultRetry) => (number: number): void => { onChange({ ...retry, [key]: number }) }
  return (
    <fieldset className={css['fieldset']}>
      <legend>{field.meta.title}</legend>
      <div className={css['pair']}>
        <SecondsInput label={texts.field.first} seconds={numberOf(retry.firstSeconds)} onChange={set('firstSeconds')} />
        <UnitInput label={texts.field.growth} value={numberOf(retry.factor)} onChange={set('factor')} units={[{ value: 'x', label: texts.field.times }]} unit="x" unitLabel="" />
        <SecondsInput label={texts.field.longest} seconds={numberOf(retry.maxSeconds)} onChange={set('maxSeconds')} />
        <UnitInput label={texts.field.giveUp} value={numberOf(retry.giveUpHours)} onChange={set('giveUpHours')} units={[{ value: 'h', label: texts.field.hours }]} unit="h" unitLabel="" error={line(error)} />
      </div>
    </fieldset>
  )
}
