/**
 * Work that is done at once unless it meets something to wait for. Only expressions wait (JSONata is asynchronous), so a
 * mapping without one is computed in one go and one piece of code serves both.
 */
import type { Json } from '../json.ts'

/** Yields what it waits for and is given the result. */
export type Task<T> = Generator<Promise<Json>, T, Json>

export function runTask<T>(task: Task<T>): T | Promise<T> {
  const step = task.next()
  return step.done ? step.value : finishTask(task, step.value)
}

async function finishTask<T>(task: Task<T>, first: Promise<Json>): Promise<T> {
  let waiting = first
  for (;;) {
    const step = await waiting.then((value) => task.next(value), (error: unknown) => task.throw(error))
    if (step.done) return step.value
    waiting = step.value
  }
}

export function* waitFor(promise: Promise<Json>): Task<Json> {
  return yield promise
}
