/** Content lines of iCalendar (RFC 5545 section 3.1): unfolded, with their parameters, cut into the components they stand in. */

export interface CalendarLine {
  /** Upper case. */
  readonly name: string
  /** By upper-case name, quotes gone; the first value of each. */
  readonly parameters: ReadonlyMap<string, string>
  /** Raw, escapes as they stand. */
  readonly value: string
}
export interface Component {
  readonly name: string
  readonly lines: readonly CalendarLine[]
  readonly inner: readonly Component[]
}

/** Outlook's longest zones and lists of attendees stay below a tenth of it. */
const mostLines = 20_000
const deepest = 8

/** The first whole VCALENDAR; null when there is none. A component without its end does not count. */
export function readCalendar(text: string): Component | null {
  const open: { name: string; lines: CalendarLine[]; inner: Component[] }[] = []
  for (const raw of text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/, mostLines)) {
    const line = readLine(raw)
    if (!line) continue
    const word = line.value.trim().toUpperCase()
    if (line.name === 'BEGIN') {
      if (open.length === 0 && word !== 'VCALENDAR') continue
      if (open.length >= deepest) return null
      open.push({ name: word, lines: [], inner: [] })
    } else if (line.name === 'END') {
      const done = open.pop()
      if (!done) continue
      if (done.name !== word) return null
      const around = open.at(-1)
      if (!around) return done
      around.inner.push(done)
    } else open.at(-1)?.lines.push(line)
  }
  return null
}

function readLine(raw: string): CalendarLine | null {
  const name = /^[A-Za-z0-9-]{1,60}(?=[;:])/.exec(raw)?.[0]
  if (name === undefined) return null
  const parameters = new Map<string, string>()
  let at = name.length
  while (raw[at] === ';') {
    const equals = raw.indexOf('=', at)
    if (equals < 0) return null
    let end = equals + 1
    let quoted = false
    while (end < raw.length && (quoted || (raw[end] !== ';' && raw[end] !== ':'))) {
      if (raw[end] === '"') quoted = !quoted
      end += 1
    }
    const key = raw.slice(at + 1, equals).toUpperCase()
    if (!parameters.has(key)) parameters.set(key, raw.slice(equals + 1, end).replaceAll('"', ''))
    at = end
  }
  return raw[at] === ':' ? { name: name.toUpperCase(), parameters, value: raw.slice(at + 1) } : null
}

/** RFC 5545 section 3.3.11. */
export const unescapeText = (value: string): string => value.replace(/\\([nN\\;,])/g, (_, char: string) => (char === 'n' || char === 'N' ? '\n' : char))
