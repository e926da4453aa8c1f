/** When and how fast a step's mails leave: a delay, quiet hours, limits. */
import { Checkbox, Select, TextInput } from '@mantine/core'
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts'
import { delayUnits, limitPeriods, noLimits, weekdays, type Limits } from '#shared/sending/pace.ts'
import { texts } from '#editor/texts.ts'
import { LimitInputs } from '#editor/ui/limit-inputs.tsx'
import { UnitInput } from './unit-input.tsx'
import { line, numberOf, textOf, type WidgetProps } from './widget.ts'
import css from './widgets.module.css'

const words = texts.field.pace
const hereZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone
const choices = [{ value: 'now', label: words.atOnce }, { value: 'after', label: words.after }, { value: 'at', label: words.at }]
const units = delayUnits.map((unit) => ({ value: unit, label: words.units[unit] }))

export function DelayWidget({ field, value, onChange, error }: WidgetProps) {
  const given = isJsonObject(value) ? value : null
  const choice = given === null ? 'now' : 'at' in given ? 'at' : 'after'
  const unit = textOf(given?.['unit']) || 'minutes'
  const pick = (next: string | null): void => {
    onChange(next === 'after' ? { after: 30, unit: 'minutes' } : next === 'at' ? { at: '08:00', timeZone: hereZone() } : undefined)
  }
  return (
    <div className={css['group']}>
      <Select label={field.meta.title} value={choice} data={choices} allowDeselect={false} onChange={pick} error={choice === 'now' ? line(error) : undefined} />
      {given !== null && choice === 'after' && (
        <UnitInput label={words.howLong} value={numberOf(given['after'])} units={units} unit={unit} unitLabel={texts.field.unit} error={line(error)}
          onChange={(after) => { onChange({ after, unit }) }} onUnit={(next) => { onChange({ after: given['after'] ?? 1, unit: next }) }} />
      )}
      {given !== null && choice === 'at' && (
        <div className={css['pair']}>
          <TimeInput label={words.time} value={given['at']} onChange={(at) => { onChange({ ...given, at }) }} error={error} />
          <ZoneInput value={given['timeZone']} onChange={(timeZone) => { onChange({ ...given, timeZone }) }} />
        </div>
      )}
    </div>
  )
}

const workdays = ['mon', 'tue', 'wed', 'thu', 'fri']
/** The week begins on Monday where people plan their work by it. */
const week = [...weekdays.slice(1), ...weekdays.slice(0, 1)]

export function QuietWidget({ field, value, onChange, error }: WidgetProps) {
  const given = isJsonObject(value) ? value : null
  const days = Array.isArray(given?.['days']) ? given['days'] : []
  const set = (change: JsonObject): void => { onChange({ ...given, ...change }) }
  return (
    <div className={css['group']}>
      <Checkbox size="xs" label={words.quiet} checked={given !== null} description={words.quietSay}
        onChange={(event) => { onChange(event.currentTarget.checked ? { from: '20:00', to: '07:00', days: [...workdays], timeZone: hereZone() } : undefined) }} />
      {given !== null && (
        <fieldset className={css['fieldset']}>
          <legend>{field.meta.title}</legend>
          <div className={css['pair']}>
            <TimeInput label={words.from} value={given['from']} onChange={(from) => { set({ from }) }} error="" />
            <TimeInput label={words.to} value={given['to']} onChange={(to) => { set({ to }) }} error="" />
          </div>
          <ZoneInput value={given['timeZone']} onChange={(timeZone) => { set({ timeZone }) }} />
          <Checkbox.Group label={words.days} value={days.filter((day) => typeof day === 'string')} error={line(error)} onChange={(next) => { set({ days: week.filter((day) => next.includes(day)) }) }}>
            <div className={css['ticks']}>{week.map((day) => <Checkbox key={day} size="xs" value={day} label={words.dayNames[day]} />)}</div>
          </Checkbox.Group>
        </fieldset>
      )}
    </div>
  )
}

export function LimitsWidget({ field, value, onChange, error }: WidgetProps) {
  return <LimitInputs title={field.meta.title} limits={limitsOf(value)} error={line(error)} onChange={(limits) => { onChange({ ...limits }) }} />
}

function limitsOf(value: Json | undefined): Limits {
  if (!isJsonObject(value)) return noLimits
  const limits = { ...noLimits }
  for (const period of limitPeriods) limits[period] = numberOf(value[period])
  return limits
}

function TimeInput({ label, value, onChange, error }: { readonly label: string; readonly value: Json | undefined; readonly onChange: (time: string) => void; readonly error: string }) {
  return <TextInput type="time" label={label} value={textOf(value)} error={line(error)} onChange={(event) => { onChange(event.currentTarget.value) }} />
}

function ZoneInput({ value, onChange }: { readonly value: Json | undefined; readonly onChange: (zone: string) => void }) {
  return <TextInput label={texts.field.timeZone} value={textOf(value)} placeholder="Europe/Berlin" spellCheck={false} autoComplete="off" onChange={(event) => { onChange(event.currentTarget.value) }} />
}
