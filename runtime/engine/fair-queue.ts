/** Mails that stand in one line, each flow's in their order, the flows by turns: ten thousand mails of one do not keep another's single one waiting. */
import type { SendId } from '#shared/ids.ts'
import type { ClaimedSend } from '../store/store.ts'

export interface FairQueue {
  /** Of one lane, or of all. */
  readonly size: (lane?: string) => number
  readonly push: (lane: string, send: ClaimedSend) => void
  /** The lanes that have mails, the next one first, each with its first mail. */
  readonly heads: () => Iterable<readonly [lane: string, send: ClaimedSend]>
  /** At most so many, one of each lane by turns; `admit` takes a mail's place under the limits, or refuses it. */
  readonly take: (most: number, admit: (lane: string, send: ClaimedSend) => boolean) => ClaimedSend[]
  readonly has: (id: SendId) => boolean
  readonly remove: (id: SendId) => ClaimedSend | null
  readonly drain: (lane: string) => readonly ClaimedSend[]
  readonly drainAll: () => readonly ClaimedSend[]
}

export function makeFairQueue(): FairQueue {
  const lanes = new Map<string, ClaimedSend[]>()
  let size = 0

  function* heads(): Iterable<readonly [string, ClaimedSend]> {
    for (const [lane, [first]] of lanes) if (first !== undefined) yield [lane, first]
  }
  const drain = (lane: string): readonly ClaimedSend[] => {
    const sends = lanes.get(lane) ?? []
    lanes.delete(lane)
    size -= sends.length
    return sends
  }

  return {
    size: (lane) => (lane === undefined ? size : lanes.get(lane)?.length ?? 0),
    push: (lane, send) => {
      const known = lanes.get(lane)
      if (known) known.push(send)
      else lanes.set(lane, [send])
      size += 1
    },
    heads,
    take: (most, admit) => {
      const taken: ClaimedSend[] = []
      let passedOver = 0
      // Whoever had its turn, or may not go, stands behind the others.
      for (let next = lanes.entries().next().value; next !== undefined && taken.length < most && passedOver < lanes.size; next = lanes.entries().next().value) {
        const [lane, sends] = next
        lanes.delete(lane)
        const [send] = sends
        if (send !== undefined && admit(lane, send)) {
          sends.shift()
          passedOver = 0
          size -= 1
          taken.push(send)
        } else passedOver += 1
        if (sends.length > 0) lanes.set(lane, sends)
      }
      return taken
    },
    has: (id) => [...lanes.values()].some((sends) => sends.some((send) => send.id === id)),
    remove: (id) => {
      for (const [lane, sends] of lanes) {
        const at = sends.findIndex((send) => send.id === id)
        const [removed] = at < 0 ? [] : sends.splice(at, 1)
        if (removed === undefined) continue
        size -= 1
        if (sends.length === 0) lanes.delete(lane)
        return removed
      }
      return null
    },
    drain,
    drainAll: () => [...lanes.keys()].flatMap(drain),
  }
}
