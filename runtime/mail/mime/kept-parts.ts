/** Parts whose content says something about the mail itself; their first bytes stay in memory while it is read. */
import { keptPartBytes } from '#runtime/limits.ts'

export type KeptKind = keyof typeof keptPartBytes
export interface KeptPart {
  readonly kind: KeptKind
  readonly bytes: Buffer
  /** false: the part is longer than what is kept. */
  readonly whole: boolean
}

const kinds: Readonly<Record<string, KeptKind>> = {
  'message/delivery-status': 'report', 'message/global-delivery-status': 'report', 'message/feedback-report': 'report',
  'message/rfc822': 'original', 'message/global': 'original', 'text/rfc822-headers': 'original', 'message/rfc822-headers': 'original', 'message/global-headers': 'original',
  'text/calendar': 'calendar', 'application/ics': 'calendar', 'text/x-vcalendar': 'calendar',
  'application/ms-tnef': 'tnef', 'application/vnd.ms-tnef': 'tnef',
}
function kindOf(type: string, name: string): KeptKind | null {
  const kind = kinds[type]
  if (kind) return kind
  if (/^winmail\.dat$/i.test(name)) return 'tnef'
  return /\.ics$/i.test(name) && !type.startsWith('image/') ? 'calendar' : null
}

export interface PartKeeper {
  write(chunk: Buffer): void
  end(): KeptPart | null
}
const idle: PartKeeper = { write: () => undefined, end: () => null }

/** The first part of each kind counts: a mail of thousand calendars keeps one. */
export function makePartKeepers(): (type: string, name: string) => PartKeeper {
  const taken = new Set<KeptKind>()
  return (type, name) => {
    const kind = kindOf(type, name)
    if (!kind || taken.has(kind)) return idle
    taken.add(kind)
    const chunks: Buffer[] = []
    let left: number = keptPartBytes[kind]
    let whole = true
    return {
      write: (chunk) => {
        if (chunk.length > left) whole = false
        if (left > 0) chunks.push(chunk.subarray(0, left))
        left = Math.max(0, left - chunk.length)
      },
      end: () => ({ kind, bytes: Buffer.concat(chunks), whole }),
    }
  }
}
