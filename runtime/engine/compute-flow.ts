/**
 * Computes one run: takes apart what it begins with, runs the nodes in order, each once, on what the nodes before it left. Pure
 * but for scratch files; the same job gives the same sends. What a mailbox must be asked ends the pass; with the answer
 * in the job the next pass comes to the same place with the same values and goes on.
 */
import { rmSync } from 'node:fs'
import { problemOf, type Problem } from '#shared/errors.ts'
import type { Json, JsonObject } from '#shared/json.ts'
import type { Mapped } from '#shared/mapping/evaluate.ts'
import { nodeDescriptions, type CheckedNode } from '#shared/nodes/index.ts'
import type { StepState } from '#shared/run.ts'
import { reportOf } from '../mail/mime/report-of.ts'
import { flowsPassed } from '../mail/mime/flows-passed.ts'
import { runNode } from '../nodes/index.ts'
import type { StepContext, StepResult } from '../nodes/behaviour.ts'
import type { MailRead } from '../mail/mime/read-mail.ts'
import type { StepRecord } from '../store/store.ts'
import type { ComposedSend, Computed, ComputeJob } from './compute.ts'
import { fetchedName, readFetched, withFileNames } from '../nodes/fetched-mail.ts'
import { beginningOf } from './start-of-run.ts'
import { stepsFrom } from './steps-from.ts'

export async function computeFlow(job: ComputeJob): Promise<Computed> {
  // Each step counts from the end of the one before; the first one's time holds taking the mail apart.
  let startedAt = new Date().toISOString()
  let startMs = performance.now()
  const beginning = await beginningOf(job)
  const fetched = new Map<string, MailRead>()
  try {
    const { mail, event, trigger } = beginning
    const scope: Record<string, Json> = { run: { id: job.run, time: job.at, version: job.version, flow: job.flow.id } }
    const mapped = new Map<string, readonly Mapped[]>()
    const steps: StepRecord[] = []
    const sends: ComposedSend[] = []
    const ran = new Set<string>()
    let problem: Problem | null = null
    let passed: readonly string[] = []
    const nodes = stepsFrom(job.flow, trigger)
    const mine = new Set<string>(nodes.map((node) => node.id))
    const report = mail === null ? null : reportOf(mail)
    const onlyNoted = report !== null && trigger.kind === 'receive-email' && trigger.config.bounces === 'note'
    const soFar = (): Computed => ({ steps, sends, mail: beginning.called, problem, ...(passed.length > 0 ? { passed } : {}), ...(report ? { report } : {}), ...(job.explain ? { outputs: withoutRun(scope) } : {}) })
    for (const node of nodes) {
      const before = job.flow.edges.filter((edge) => edge.to === node.id && mine.has(edge.from)).map((edge) => edge.from)
      const record = (state: StepState, outputJson: string, ofStep: Problem | null = null) => {
        steps.push({ node: node.id, state, startedAt, durationMs: Math.round((performance.now() - startMs) * 1000) / 1000, outputJson, problem: ofStep })
        startedAt = new Date().toISOString()
        startMs = performance.now()
      }
      if (problem || (onlyNoted && node.id !== trigger.id) || !before.every((id) => ran.has(id))) {
        record('skipped', '')
        continue
      }
      const mappedBefore = before.flatMap((id) => mapped.get(id) ?? [])
      const answer = await answerTo(job, node, fetched)
      const result: StepResult = answer !== undefined ? { state: 'done', output: answer } : await runStep({ job, node, mail, event, attachmentBytes: beginning.bytes, fetched, scope, mappedBefore })
      if (result.state === 'asks') return withoutSends({ ...soFar(), pending: { node: node.id, request: result.request } })
      if (result.state === 'failed') {
        problem = { ...result.problem, where: node.id }
        if (problem.code === 'SEND_CAME_BACK' && mail) passed = flowsPassed(mail).flatMap(({ run }) => run || [])
        record('failed', '', problem)
        continue
      }
      scope[node.id] = result.output
      // A step that takes no fields leaves those of the mapping in front of it to the next.
      if (result.mapped) mapped.set(node.id, [result.mapped])
      else if (!nodeDescriptions[node.kind].input) mapped.set(node.id, mappedBefore)
      if (result.send) sends.push(result.send)
      ran.add(node.id)
      record(result.state, JSON.stringify(result.output))
    }
    return problem ? withoutSends(soFar()) : soFar()
  } finally {
    beginning.discard()
    for (const read of fetched.values()) read.discard()
  }
}

/** The outside world's part in a run comes in as data, so that computing stays pure. */
async function answerTo(job: ComputeJob, { id, kind }: CheckedNode, fetched: Map<string, MailRead>): Promise<Json | undefined> {
  const { answers } = job
  const answer = answers && Object.hasOwn(answers, id) ? answers[id] : undefined
  if (kind !== 'fetch-mail' || answer === undefined) return answer
  const raw = job.fetched?.[id]
  if (raw) fetched.set(id, await readFetched(raw, answer, job, id))
  return withFileNames(answer, fetchedName(job.mail, id))
}

async function runStep(context: StepContext): Promise<StepResult> {
  try {
    return await runNode(context)
  } catch (error) {
    return { state: 'failed', problem: problemOf(error) }
  }
}

const withoutRun = ({ run: _run, ...outputs }: Readonly<Record<string, Json>>): JsonObject => outputs

/** A run that fails on one branch, or has still to ask a mailbox, sends nothing on the others: it is computed again as a whole. */
function withoutSends(computed: Computed): Computed {
  for (const { raw } of computed.sends) if (raw.kind === 'file') rmSync(raw.path, { force: true })
  const steps = computed.steps.map((step) => (step.state === 'waiting' ? { ...step, state: 'skipped' as const, outputJson: '' } : step))
  return { ...computed, steps, sends: [] }
}
