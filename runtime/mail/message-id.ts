/** The Message-ID of a mail that a run sends: derived from run and step, so that whoever quotes it names the run. */
import { hash } from 'node:crypto'
import { type RunId, runId } from '#shared/ids.ts'

const runLength = 24

/** With angle brackets; the same run and node give the same one. */
export function ownMessageId(run: string, node: string, domain: string): string {
  // A dry run has a name that is no run's.
  const named = new RegExp(`^[0-9a-f]{${runLength}}$`).test(run) ? run : hash('sha256', run).slice(0, runLength)
  return `<${named}.${hash('sha256', `${run}\n${node}`).slice(0, 16)}.flow@${domain}>`
}

/** The run that sent the mail of this Message-ID, by its shape alone; null for anybody else's. With or without brackets. */
export function runOfMessageId(messageId: string): RunId | null {
  const [, run] = /^<?([0-9a-f]{24})\.[0-9a-f]{16}\.flow@[^<>\s]{1,900}>?$/.exec(messageId.trim()) ?? []
  return run === undefined ? null : runId(run)
}
