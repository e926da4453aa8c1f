/** The state of a flow in a word: running and in which version, stopped, never deployed, or not readable. */
import type { FlowSummary } from '#shared/api.ts'
import { texts } from '../texts.ts'
import { Pill } from './pill.tsx'

export function FlowState({ running, latest }: Pick<FlowSummary, 'running' | 'latest'>) {
  if (running !== null) return <Pill tone="ok">{texts.state.running(running)}</Pill>
  return <Pill tone="quiet">{latest === 0 ? texts.state.never : texts.state.stopped}</Pill>
}
