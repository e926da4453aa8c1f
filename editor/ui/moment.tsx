/** A point in time, short on screen and in full on hover. Only spans ("4 s ago") move on with the clock; a list of a thousand times costs no tick. */
import { sayAgo, sayTime, sayUntil, sayWholeTime } from './formats.ts'
import { useMinute, useNow } from './use-now.ts'

export interface MomentProps {
  readonly at: string
  readonly as?: 'time' | 'ago' | 'until'
  readonly className?: string
}

export function Moment({ at, as = 'time', className }: MomentProps) {
  if (as !== 'time') return <MovingMoment at={at} say={as === 'ago' ? sayAgo : sayUntil} className={className} />
  return <FixedMoment at={at} className={className} />
}

function FixedMoment({ at, className }: { readonly at: string; readonly className: string | undefined }) {
  const now = useMinute()
  return <time dateTime={at} title={sayWholeTime(at)} className={className}>{sayTime(at, now)}</time>
}

function MovingMoment({ at, say, className }: { readonly at: string; readonly say: (at: string, now: number) => string; readonly className: string | undefined }) {
  const now = useNow()
  return <time dateTime={at} title={sayWholeTime(at)} className={className}>{say(at, now)}</time>
}
