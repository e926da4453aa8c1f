/** Undo and redo as snapshots with a name each; the steps of one gesture (a drag, a word being typed) count as one. */

export interface Step<T> {
  /** What was done, for the button's hint: "Undo: move 2 steps". */
  readonly say: string
  /** Equal and unbroken gestures melt into one step; null never melts. */
  readonly gesture: string | null
  readonly before: T
}
export interface History<T> {
  readonly past: readonly Step<T>[]
  readonly future: readonly Step<T>[]
}

/** Snapshots share everything that did not change, so 200 of them cost little; nobody goes back further by hand. */
const historySteps = 200

export const emptyHistory = <T>(): History<T> => ({ past: [], future: [] })

export function record<T>(history: History<T>, before: T, say: string, gesture: string | null = null): History<T> {
  const last = history.past.at(-1)
  if (gesture !== null && last?.gesture === gesture) return { past: history.past, future: [] }
  return { past: [...history.past, { say, gesture, before }].slice(-historySteps), future: [] }
}

/** From here on the same gesture is a new step: the mouse was let go, the field was left. */
export function endGesture<T>(history: History<T>): History<T> {
  const last = history.past.at(-1)
  if (last === undefined || last.gesture === null) return history
  return { ...history, past: [...history.past.slice(0, -1), { ...last, gesture: null }] }
}

export function undo<T>(history: History<T>, now: T): { readonly history: History<T>; readonly value: T } | null {
  const step = history.past.at(-1)
  if (step === undefined) return null
  const undone: Step<T> = { say: step.say, gesture: null, before: now }
  return { value: step.before, history: { past: history.past.slice(0, -1), future: [...history.future, undone] } }
}

export function redo<T>(history: History<T>, now: T): { readonly history: History<T>; readonly value: T } | null {
  const step = history.future.at(-1)
  if (step === undefined) return null
  const done: Step<T> = { say: step.say, gesture: null, before: now }
  return { value: step.before, history: { past: [...history.past, done], future: history.future.slice(0, -1) } }
}
