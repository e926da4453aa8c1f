/** A deadline for something that goes on outside: it ends in time, whoever lets it wait. */
import type { Clock } from '../clock.ts'

/** `run` ends by itself, at the deadline with `late`, or when the whole opening is called off. */
export async function within<T>(deps: { readonly clock: Clock; readonly signal?: AbortSignal }, ms: number, late: Error, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController()
  const aborted = Promise.withResolvers<never>()
  const stop = (why: unknown): void => {
    abort.abort(why)
    aborted.reject(why)
  }
  const onCalledOff = (): void => { stop(deps.signal?.reason) }
  if (deps.signal?.aborted === true) throw deps.signal.reason
  const cancel = deps.clock.after(ms, () => { stop(late) })
  deps.signal?.addEventListener('abort', onCalledOff, { once: true })
  try {
    return await Promise.race([run(abort.signal), aborted.promise])
  } finally {
    cancel()
    deps.signal?.removeEventListener('abort', onCalledOff)
  }
}
