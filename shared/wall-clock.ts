/**
 * The clock on a wall of a named time zone: what it shows at a moment, and the moment at which it shows something next.
 * Asks the zone's own rules each time, so that both changes to and from summer time come out right.
 */

const dayMs = 24 * 3600_000
const minuteMs = 60_000

/** `wallMs`: what the wall shows, counted as if it were UTC. */
export interface WallTime { readonly wallMs: number; /** 0 is Sunday. */ readonly weekday: number; readonly minute: number }

const formats = new Map<string, Intl.DateTimeFormat>()
/** A process meets a few zones; whoever tries thousands starts anew. */
const keptFormats = 100

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  if (formats.size >= keptFormats) formats.clear()
  const made = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' })
  formats.set(timeZone, made)
  return made
}

export function isTimeZone(name: string): boolean {
  try {
    return name !== '' && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** Throws for a zone that does not exist. */
export function wallAt(ms: number, timeZone: string): WallTime {
  const parts = new Map(formatOf(timeZone).formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
  const day = Date.UTC(of('year'), of('month') - 1, of('day'))
  return { wallMs: day + of('hour') * 3600_000 + of('minute') * minuteMs + of('second') * 1000, weekday: new Date(day).getUTCDay(), minute: of('hour') * 60 + of('minute') }
}

/**
 * The first moment after `afterMs` at which the wall shows `wallMs`. A time that comes twice in autumn may be either; one
 * that spring leaves out is the first moment after the gap. null: not any more.
 */
export function momentOf(wallMs: number, timeZone: string, afterMs: number): number | null {
  const offsetAt = (ms: number): number => wallAt(ms, timeZone).wallMs - Math.floor(ms / 1000) * 1000
  const [early, late] = [wallMs - offsetAt(wallMs - dayMs), wallMs - offsetAt(wallMs + dayMs)].sort((one, other) => one - other)
  if (early === undefined || late === undefined) return null
  const shown = [early, late].filter((ms) => wallAt(ms, timeZone).wallMs === wallMs)
  if (shown.length > 0) return shown.find((ms) => ms > afterMs) ?? null
  // In the gap: the wall jumps somewhere between the two, to the minute.
  let [before, after] = [early, late]
  while (after - before > minuteMs) {
    const middle = before + Math.floor((after - before) / 2 / minuteMs) * minuteMs
    if (wallAt(middle, timeZone).wallMs < wallMs) before = middle
    else after = middle
  }
  return after > afterMs ? after : null
}
