/** Functions on dates: ISO texts, the Date header's form, or milliseconds. No date gives nothing. */
import type { Json, JsonObject } from '#shared/json.ts'
import { formatTime, toTime, writeTime } from '../dates.ts'
import { numberArg, param, textArg, type MappingFunction } from './function.ts'

const dayMs = 86_400_000

export const dateFunctions: readonly MappingFunction[] = [
  {
    name: 'formatDate', title: 'Write date', help: 'Writes a date by a pattern, as it is in a time zone. No date gives nothing.', group: 'date',
    params: [
      param('pattern', 'Pattern', 'text', 'yyyy-MM-dd HH:mm', { required: true }),
      param('zone', 'Time zone', 'zone', 'UTC'),
      param('language', 'Language', 'text', 'en'),
    ],
    input: 'date', output: 'text',
    call: onTime((ms, args) => formatTime(ms, textArg(args, 'pattern').slice(0, 200), textArg(args, 'zone') || 'UTC', textArg(args, 'language') || 'en')),
    example: { value: '2026-03-29T12:30:00Z', args: { pattern: 'd MMMM yyyy, HH:mm', zone: 'Europe/Berlin' }, result: '29 March 2026, 14:30' },
  },
  {
    name: 'addDays', title: 'Add days', help: 'Moves a date by so many days (or hours and minutes); negative goes back.', group: 'date',
    params: [param('days', 'Days', 'number', 0), param('hours', 'Hours', 'number', 0), param('minutes', 'Minutes', 'number', 0)],
    input: 'date', output: 'date',
    call: onTime((ms, args) => {
      const moved = toTime(ms + numberArg(args, 'days', 0) * dayMs + numberArg(args, 'hours', 0) * 3_600_000 + numberArg(args, 'minutes', 0) * 60_000)
      return moved === null ? '' : writeTime(moved)
    }),
    example: { value: '2026-02-27T08:00:00Z', args: { days: 3 }, result: '2026-03-02T08:00:00.000Z' },
  },
]

function onTime(change: (ms: number, args: JsonObject) => Json): MappingFunction['call'] {
  return (value, args) => {
    const ms = toTime(value)
    return ms === null ? '' : change(ms, args)
  }
}
