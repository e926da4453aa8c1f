/** Keeps the file on the server equal to the flow on the desk: one save at a time, the newest wins, and never over someone else's. */
import type { Flow } from '#shared/flow.ts'

export type SaveState =
  | { readonly state: 'saved' }
  | { readonly state: 'changed' }
  | { readonly state: 'saving' }
  /** Someone else saved meanwhile; a person chooses whose flow stays. */
  | { readonly state: 'conflict' }
  | { readonly state: 'failed'; readonly say: string }

export type PutAnswer =
  | { readonly ok: true; readonly etag: string }
  | { readonly ok: false; readonly conflict: boolean; readonly say: string }

export interface SavePorts {
  readonly put: (flow: Flow, etag: string) => Promise<PutAnswer>
  readonly later: (run: () => void, ms: number) => () => void
  readonly tell: (state: SaveState) => void
}
export interface Saver {
  /** The desk holds this now. */
  readonly changed: (flow: Flow) => void
  /** Saves what is waiting and answers whether the file now equals the desk. */
  readonly saveNow: () => Promise<boolean>
  /** The file's mark as the server last told it; ends a conflict: the next save goes over that file. */
  readonly takeEtag: (etag: string) => void
  /** The desk took the server's file as it is. */
  readonly settle: (etag: string) => void
  readonly etag: () => string
  readonly isClean: () => boolean
  /** The desk is left: a save that fails from now on is not tried again. */
  readonly stop: () => void
}

/** A pause in the hand's work; shorter saves half-typed words, longer loses more when the browser dies. */
export const saveIdleMs = 1000
/** After a failed save (server away): often enough to be safe, rare enough to be quiet. */
export const saveAgainMs = 5000

export function makeSaver(ports: SavePorts, firstEtag: string): Saver {
  let etag = firstEtag
  let waiting: Flow | null = null
  let inFlight: Promise<boolean> | null = null
  let cancelTimer: (() => void) | null = null
  let conflict = false
  let stopped = false

  const plan = (ms: number): void => {
    cancelTimer?.()
    cancelTimer = ports.later(() => { void saveNow() }, ms)
  }
  const saveNow = async (): Promise<boolean> => {
    cancelTimer?.()
    cancelTimer = null
    if (inFlight !== null) {
      await inFlight
      return waiting === null ? true : saveNow()
    }
    if (waiting === null) return true
    if (conflict) return false
    inFlight = write(waiting)
    const ok = await inFlight
    inFlight = null
    // What came in while the save was under way goes out at once: its pause is over.
    return ok && waiting !== null ? saveNow() : ok
  }
  const write = async (flow: Flow): Promise<boolean> => {
    waiting = null
    ports.tell({ state: 'saving' })
    const answer = await ports.put(flow, etag)
    if (answer.ok) {
      etag = answer.etag
      if (waiting === null) ports.tell({ state: 'saved' })
      return true
    }
    waiting ??= flow
    conflict = answer.conflict
    ports.tell(answer.conflict ? { state: 'conflict' } : { state: 'failed', say: answer.say })
    if (!answer.conflict && !stopped) plan(saveAgainMs)
    return false
  }

  return {
    changed: (flow) => {
      waiting = flow
      stopped = false
      if (conflict) return
      if (inFlight === null) ports.tell({ state: 'changed' })
      plan(saveIdleMs)
    },
    saveNow,
    takeEtag: (next) => {
      etag = next
      conflict = false
    },
    settle: (next) => {
      etag = next
      conflict = false
      waiting = null
      cancelTimer?.()
      cancelTimer = null
      ports.tell({ state: 'saved' })
    },
    etag: () => etag,
    isClean: () => waiting === null && inFlight === null,
    stop: () => {
      stopped = true
      cancelTimer?.()
      cancelTimer = null
    },
  }
}
