/** When to look: as mail arrives, or only at times; with the next three of them said, in the schedule's own zone. */
import { Select, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { loadSchedules, nextTimes, type Schedule, scheduleProblem, scheduleSchema, usualSchedules } from '#shared/schedule.ts'
import { isJsonObject } from '#shared/json.ts'
import { texts } from '#editor/texts.ts'
import { useMinute } from '#editor/ui/use-now.ts'
import { line, textOf, type WidgetProps } from './widget.ts'
import css from './widgets.module.css'

const shownTimes = 3
const choices = [{ value: 'arrival', label: texts.field.onArrival }, ...usualSchedules.map(({ cron, say }) => ({ value: cron, label: say })), { value: 'own', label: texts.field.ownTimes }]

export function ScheduleWidget({ field, value, onChange, error }: WidgetProps) {
  const given = isJsonObject(value) ? value : null
  const cron = textOf(given?.['cron'])
  const timeZone = given ? textOf(given['timeZone']) || 'UTC' : new Intl.DateTimeFormat().resolvedOptions().timeZone
  const [own, setOwn] = useState(given !== null && !usualSchedules.some((usual) => usual.cron === cron))
  const choice = given === null ? 'arrival' : own ? 'own' : cron
  const pick = (next: string | null): void => {
    setOwn(next === 'own')
    onChange(next === null || next === 'arrival' ? undefined : { cron: next === 'own' ? cron || usualSchedules[0].cron : next, timeZone })
  }
  const schedule = scheduleSchema.safeParse(given)
  return (
    <div className={css['group']}>
      <Select label={field.meta.title} value={choice} data={choices} onChange={pick} inputWrapperOrder={['label', 'input', 'description', 'error']} error={own ? undefined : line(error)}
        description={given === null ? texts.field.onArrivalSay : <>{texts.field.onlyThen} {schedule.success && <NextTimes schedule={schedule.data} />}</>} />
      {own && given !== null && <TextInput label={texts.field.cron} value={cron} error={line(error)} spellCheck={false} autoComplete="off" description={texts.field.cronSay} inputWrapperOrder={['label', 'input', 'description', 'error']} onChange={(event) => { onChange({ cron: event.currentTarget.value, timeZone }) }} />}
      {given !== null && <TextInput label={texts.field.timeZone} value={textOf(given['timeZone'])} placeholder="UTC" spellCheck={false} autoComplete="off" onChange={(event) => { onChange({ cron, timeZone: event.currentTarget.value }) }} />}
    </div>
  )
}

function NextTimes({ schedule }: { readonly schedule: Schedule }) {
  const [loaded, setLoaded] = useState(false)
  const minute = useMinute()
  useEffect(() => {
    let current = true
    void loadSchedules().then(() => { if (current) setLoaded(true) })
    return () => { current = false }
  }, [])
  if (!loaded) return null
  const now = new Date(minute).toISOString()
  const problem = scheduleProblem(schedule, now)
  if (problem !== null) return <span className={css['wrong']}>{problem}</span>
  const say = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZone: schedule.timeZone })
  return <>{texts.field.nextTimes(nextTimes(schedule, now, shownTimes).map((time) => say.format(new Date(time))).join('; '))}</>
}
