/** The worker thread: computes what it is told, one task after the other, and answers a batch at once. It knows no socket and no database. */
import { parentPort, workerData } from 'node:worker_threads'
import type { CheckedFlow } from '#shared/nodes/index.ts'
import { readMail } from '../mail/mime/read-mail.ts'
import { takePart } from '../mail/mime/take-part.ts'
import { computeFlow } from './compute-flow.ts'
import { makePacker, mapRaws, unpack, type Answer, type Batch, type PackedTask, type Packer, type WorkerStart } from './worker-messages.ts'

// Only computer.ts starts this file, with exactly this.
const { current } = workerData as WorkerStart
const inHand = new Int32Array(current)
const flows = new Map<string, CheckedFlow>()
let turn: Promise<void> = Promise.resolve()

parentPort?.on('message', (batch: Batch) => {
  turn = turn.then(() => answerBatch(batch))
})

async function answerBatch(batch: Batch): Promise<void> {
  if (batch.forget) flows.clear()
  for (const { key, flow } of batch.flows) flows.set(key, flow)
  const packer = makePacker()
  const answers: Answer[] = []
  for (const task of batch.tasks) {
    Atomics.store(inHand, 0, task.number)
    answers.push(await answerTask(task, batch.bytes, packer))
  }
  Atomics.store(inHand, 0, 0)
  const bytes = packer.finish()
  parentPort?.postMessage({ answers, bytes }, [bytes])
}

async function answerTask(task: PackedTask, bytes: ArrayBuffer, packer: Packer): Promise<Answer> {
  const { number } = task
  try {
    const raw = unpack(task.raw, bytes)
    if (task.kind === 'read') {
      const { mail } = await readMail(raw, task.facts, { mailId: 'read', scratch: null })
      return { kind: 'mail', number, json: JSON.stringify(mail) }
    }
    if (task.kind === 'part') {
      const part = await takePart(raw, task.index, task.scratch)
      return { kind: 'part', number, part: part && { ...part, raw: packer.add(part.raw) } }
    }
    const flow = flows.get(task.flow)
    if (!flow) throw new Error(`flow ${task.flow} was not sent along`)
    const { sends, ...computed } = await computeFlow({ ...task.job, flow, raw, fetched: mapRaws(task.fetched, (fetched) => unpack(fetched, bytes)) })
    return { kind: 'computed', number, computed: { ...computed, sends: sends.map((send) => ({ ...send, raw: packer.add(send.raw) })) } }
  } catch (error) {
    return { kind: 'failed', number, reason: error instanceof Error ? error.message : String(error) }
  }
}
