/** A point in time, short on screen and in full on hover, spoken in full to a screen reader. */
import { sayAgo, sayTime, sayUntil, sayWholeTime } from './formats.ts'
import { useNow } from './use-now.ts'

const words = { time: sayTime, ago: sayAgo, until: sayUntil }

export function Moment({ at, as = 'time', className }: { readonly at: string; readonly as?: keyof typeof words; readonly className?: string }) {
  const now = useNow()
  return <time dateTime={at} title={sayWholeTime(at)} className={className}>{words[as](at, now)}</time>
}
