/**
 * Named points at every commit edge where a test can have the process killed. Off, and free of cost, unless
 * MAILWEAVE_FAULT names one: `point` or `point:n` for the n-th time it is passed.
 */
export const faultPoints = [
  'after-fetch', 'before-ingest', 'after-ingest', 'before-compute', 'after-compute', 'after-record-computed',
  'before-mark-sending', 'after-mark-sending', 'smtp-connected', 'smtp-mail', 'smtp-rcpt', 'smtp-data', 'smtp-body', 'smtp-data-sent', 'after-smtp-answer',
  'after-record-outcome', 'before-settle', 'after-settle', 'after-record-settled',
] as const
/** Passed by runs whose flow works in a mailbox. */
export const actionFaultPoints = ['before-action', 'after-action', 'after-record-action'] as const
export type FaultPoint = (typeof faultPoints | typeof actionFaultPoints)[number]

const [wanted, count] = (process.env['MAILWEAVE_FAULT'] ?? '').split(':')
let left = Number(count ?? 1)

/** Dies here by SIGKILL, as a power cut would, when the test asked for this point. */
export function at(point: FaultPoint): void {
  if (point !== wanted) return
  left -= 1
  if (left <= 0) process.kill(process.pid, 'SIGKILL')
}
