/** What came in the last 24 hours as small bars, oldest on the left; the tallest hour sets the scale. */
import type { MailboxCounts } from '#shared/api.ts'
import { texts } from '../texts.ts'
import css from './hour-bars.module.css'

export function HourBars({ hours, height = 22 }: { readonly hours: readonly number[]; readonly height?: number }) {
  return <Bars counts={hours} height={height} all={texts.flows.allHours(sum(hours))} each={texts.flows.hourBar} />
}

/** Mails of a mailbox: the day and the week as bars side by side, each with its number under it. */
export function MailBars({ counts: { hours, days } }: { readonly counts: MailboxCounts }) {
  return (
    <span className={css['mails']}>
      <span><Bars counts={hours} height={20} all={texts.mails.day(sum(hours))} each={texts.mails.hourBar} /><small>{sum(hours).toLocaleString('en-GB')} in 24 h</small></span>
      <span><Bars counts={days} height={20} all={texts.mails.week(sum(days))} each={texts.mails.dayBar} /><small>{sum(days).toLocaleString('en-GB')} in 7 days</small></span>
    </span>
  )
}

function Bars({ counts, height, all, each }: { readonly counts: readonly number[]; readonly height: number; readonly all: string; readonly each: (count: number, ago: number) => string }) {
  const most = Math.max(1, ...counts)
  return (
    <span className={css['bars']} style={{ height }}>
      <span className="visually-hidden">{all}</span>
      {counts.map((count, index) => (
        <i key={index} data-idle={count === 0 || undefined} title={each(count, counts.length - 1 - index)}
          style={{ height: count === 0 ? 2 : Math.max(4, Math.round((count / most) * height)) }} />
      ))}
    </span>
  )
}

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0)
