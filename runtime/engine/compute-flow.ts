/**
 * Computes one run: takes apart what it begins with, runs the nodes in order, each once, on what the nodes before it left. Pure
 * but for scratch files; the same job gives the same sends.
 */
import { rmSync } from 'node:fs'
import { problemOf, type Problem } from '#shared/errors.ts'
import type { Json, JsonObject } from '#shared/json.ts'
import type { Mapped } from '#shared/mapping/evaluate.ts'
import type { StepState } from '#shared/run.ts'
import { runNode } from '../nodes/index.ts'
import type { StepContext, StepResult } from '../nodes/behaviour.ts'
import type { StepRecord } from '../store/store.ts'
import type { ComposedSend, Computed, ComputeJob } from './compute.ts'
import { beginningOf, stepsFrom } from './start-of-run.ts'

export async function computeFlow(job: ComputeJob): Promise<Computed> {
  // Each step counts from the end of the one before; the first one's time holds taking the mail apart.
  let startedAt = new Date().toISOString()
  let startMs = performance.now()
  const beginning = await beginningOf(job)
  try {
    const { mail, event, trigger } = beginning
    const scope: Record<string, Json> = { run: { id: job.run, time: job.at, version: job.version, flow: job.flow.id } }
    const mapped = new Map<string, Mapped>()
    const steps: StepRecord[] = []
    const sends: ComposedSend[] = []
    const ran = new Set<string>()
    let problem: Problem | null = null
    const nodes = stepsFrom(job.flow, trigger)
    const mine = new Set<string>(nodes.map((node) => node.id))
    for (const node of nodes) {
      const before = job.flow.edges.filter((edge) => edge.to === node.id && mine.has(edge.from)).map((edge) => edge.from)
      const record = (state: StepState, outputJson: string, ofStep: Problem | null = null) => {
        steps.push({ node: node.id, state, startedAt, durationMs: Math.round((performance.now() - startMs) * 1000) / 1000, outputJson, problem: ofStep })
        startedAt = new Date().toISOString()
        startMs = performance.now()
      }
      if (problem || !before.every((id) => ran.has(id))) {
        record('skipped', '')
        continue
      }
      const result = await runStep({ job, node, mail, event, attachmentBytes: beginning.bytes, scope, mappedBefore: before.flatMap((id) => mapped.get(id) ?? []) })
      if (result.state === 'failed') {
        problem = { ...result.problem, where: node.id }
        record('failed', '', problem)
        continue
      }
      scope[node.id] = result.output
      if (result.mapped) mapped.set(node.id, result.mapped)
      if (result.send) sends.push(result.send)
      ran.add(node.id)
      record(result.state, JSON.stringify(result.output))
    }
    const computed = { steps, sends, mail: beginning.called, problem, ...(job.explain ? { outputs: withoutRun(scope) } : {}) }
    return problem ? withoutSends(computed) : computed
  } finally {
    beginning.discard()
  }
}

async function runStep(context: StepContext): Promise<StepResult> {
  try {
    return await runNode(context)
  } catch (error) {
    return { state: 'failed', problem: problemOf(error) }
  }
}

const withoutRun = ({ run: _run, ...outputs }: Readonly<Record<string, Json>>): JsonObject => outputs

/** A run that fails on one branch sends nothing on the others: it is repeated as a whole once it is mended. */
function withoutSends(computed: Computed): Computed {
  for (const { raw } of computed.sends) if (raw.kind === 'file') rmSync(raw.path, { force: true })
  const steps = computed.steps.map((step) => (step.state === 'waiting' ? { ...step, state: 'skipped' as const, outputJson: '' } : step))
  return { ...computed, steps, sends: [] }
}
