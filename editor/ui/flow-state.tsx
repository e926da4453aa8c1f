/** The state of a flow in a word: running and in which version, paused by itself, stopped, never deployed, or not readable. */
import type { FlowSummary } from '#shared/api.ts'
import { texts } from '../texts.ts'
import { Pill } from './pill.tsx'

export function FlowState({ running, latest, paused }: Pick<FlowSummary, 'running' | 'latest' | 'paused'>) {
  if (paused !== null) return <Pill tone="bad" title={paused.problem.say}>{texts.state.paused}</Pill>
  if (running !== null) return <Pill tone="ok">{texts.state.running(running)}</Pill>
  return <Pill tone="quiet">{latest === 0 ? texts.state.never : texts.state.stopped}</Pill>
}
