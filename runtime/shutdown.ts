/** Ends the process in order: what is on the wire gets its answer and its row, within a hard deadline; the rest is recovery's. */
import { shutdownLastMs, shutdownMs } from './limits.ts'
import type { Log } from './log.ts'

/** Signals, and the starter's end (its channel closes), all mean the same. A second signal ends at once. */
export function stopOnSignals(stop: () => Promise<void>, log: Log): void {
  let stopping = false
  const end = (why: string) => {
    if (stopping) process.exit(1)
    stopping = true
    log.info('stop.begun', { why })
    const deadline = setTimeout(() => {
      log.warn('stop.deadline', { ms: shutdownMs + shutdownLastMs })
      process.exit(1)
    }, shutdownMs + shutdownLastMs)
    deadline.unref()
    stop().then(() => process.exit(0), (error: unknown) => {
      log.error('stop.failed', { reason: String(error) })
      process.exit(1)
    })
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => { end(signal) })
  if (process.connected) process.on('disconnect', () => { end('starter gone') })
}
