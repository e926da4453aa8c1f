/** Times to look, as a cron expression in a time zone: checked, told in words, and worked out. The library is loaded when a flow has any. */
import type { Cron } from 'croner'
import { z } from 'zod'

export const scheduleSchema = z.object({
  /** Minute, hour, day, month, weekday; or a nickname such as @daily. */
  cron: z.string().trim().max(200).regex(/^(@[a-z]+|\S+(\s+\S+){4})$/i, 'Write five parts: minute, hour, day, month and weekday, like "0 8 * * 1-5"'),
  timeZone: z.string().trim().min(1, 'Name the time zone').max(64).default('UTC'),
}).strict()
export type Schedule = z.infer<typeof scheduleSchema>

export const usualSchedules = [
  { cron: '0 8 * * 1-5', say: 'every weekday at 8:00' },
  { cron: '0 * * * *', say: 'every hour, on the hour' },
  { cron: '0 8 * * *', say: 'every day at 8:00' },
] as const

let Library: typeof Cron | null = null

export async function loadSchedules(): Promise<void> {
  Library ??= (await import('croner')).Cron
}

/** ISO times after `from`, fewer than asked when there are no more. Throws in the library's words for an expression that is none, and before loadSchedules has ended. */
export function nextTimes({ cron, timeZone }: Schedule, from: string, count: number): readonly string[] {
  if (!Library) throw new Error('loadSchedules must have ended first')
  // Paused: it only works times out and sets no timer.
  return new Library(cron, { timezone: timeZone, mode: '5-part', paused: true }).nextRuns(count, new Date(from)).map((time) => time.toISOString())
}

/** What is wrong, with what to do; null when it has a next time, or while the library is not there. `from` may be any time: a year or a leap day from it counts. */
export function scheduleProblem(schedule: Schedule, from: string): string | null {
  if (!Library) return null
  if (!isTimeZone(schedule.timeZone)) return `There is no time zone "${schedule.timeZone}". Write it like Europe/Berlin.`
  try {
    return nextTimes(schedule, from, 1).length > 0 ? null : `"${schedule.cron}" is a time that never comes. Choose other times.`
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^[A-Za-z]+: /, '') : 'it can\'t be read'
    return `"${schedule.cron}" can't be read as times: ${reason.replace(/\.$/, '')}. Write minute, hour, day, month and weekday, like "0 8 * * 1-5".`
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

export const saySchedule = ({ cron, timeZone }: Schedule): string => `${usualSchedules.find((usual) => usual.cron === cron)?.say ?? `at ${cron}`} (${timeZone})`
