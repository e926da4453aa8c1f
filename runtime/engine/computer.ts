/**
 * Runs computing on one worker thread, started at the first task and stopped after a quiet minute. A task that hangs
 * or takes the worker down ends with a fault; the others are done again by a fresh worker, which changes nothing,
 * because computing is pure.
 */
import { Worker } from 'node:worker_threads'
import { fault, problemOf } from '#shared/errors.ts'
import type { Mail, MailFacts } from '#shared/mail.ts'
import type { CheckedFlow } from '#shared/nodes/index.ts'
import { systemClock, type Clock } from '../clock.ts'
import { batchBytes, batchTasks, batchesUnderway, computeMs, workerFlows, workerHeapMb, workerIdleMs, workerStackMb, workerYoungMb } from '../limits.ts'
import type { Log } from '../log.ts'
import { sizeOfRaw, type Raw } from '../raw.ts'
import type { Computed, ComputeJob, Computer, PartReader, ReadPart } from './compute.ts'
import { makePacker, mapRaws, unpack, type Answer, type Answers, type Batch, type PackedTask } from './worker-messages.ts'

export interface ComputerOptions {
  readonly log: Log
  readonly clock?: Clock
  /** Longest time for one task; the default is the house's bound. */
  readonly taskMs?: number
  readonly idleMs?: number
  /** The worker's module; tests put one here that breaks at will. */
  readonly worker?: URL
}

type Task = { readonly number: number; readonly raw: Raw; readonly reject: (error: unknown) => void } & (
  | { readonly kind: 'compute'; readonly job: ComputeJob; readonly resolve: (computed: Computed) => void }
  | { readonly kind: 'read'; readonly facts: MailFacts; readonly resolve: (mail: Mail) => void }
  | { readonly kind: 'part'; readonly index: number; readonly scratch: string; readonly resolve: (part: ReadPart | null) => void })

const noTimer = (): void => {}

interface Running {
  readonly worker: Worker
  readonly current: Int32Array
  knownFlows: Map<CheckedFlow, string>
  readonly sent: Map<number, Task>
  batches: number
}

export function makeComputer({ log, clock = systemClock, taskMs = computeMs, idleMs = workerIdleMs, worker: module = new URL('./worker.ts', import.meta.url) }: ComputerOptions): Computer & PartReader {
  const waiting: Task[] = []
  let running: Running | null = null
  let numbers = 0
  let flowKeys = 0
  let pumping = false
  let closed = false
  let stopTimer = noTimer

  /** Tasks that come in the same turn of the loop travel together. */
  const enqueue = (task: Task) => {
    if (closed) {
      task.reject(fault('INTERNAL', { reason: 'computing has been stopped' }))
      return
    }
    waiting.push(task)
    if (pumping) return
    pumping = true
    setImmediate(() => {
      pumping = false
      pump()
    })
  }

  const pump = () => {
    if (closed) return
    while (waiting.length > 0 && (running?.batches ?? 0) < batchesUnderway) {
      running ??= start()
      sendBatch(running)
    }
  }

  const sendBatch = (to: Running) => {
    const packer = makePacker()
    const forget = to.knownFlows.size >= workerFlows
    if (forget) to.knownFlows = new Map()
    const flows: { key: string; flow: CheckedFlow }[] = []
    const tasks: PackedTask[] = []
    let bytes = 0
    for (let next = waiting[0]; next && tasks.length < batchTasks && bytes < batchBytes; next = waiting[0]) {
      waiting.shift()
      bytes += next.raw.kind === 'bytes' ? sizeOfRaw(next.raw) : 0
      to.sent.set(next.number, next)
      const raw = packer.add(next.raw)
      if (next.kind === 'read') tasks.push({ kind: 'read', number: next.number, raw, facts: next.facts })
      else if (next.kind === 'part') tasks.push({ kind: 'part', number: next.number, raw, index: next.index, scratch: next.scratch })
      else {
        const { flow, raw: _raw, fetched = {}, ...job } = next.job
        tasks.push({ kind: 'compute', number: next.number, raw, fetched: mapRaws(fetched, (one) => packer.add(one)), job, flow: keyOf(flow, to, flows) })
      }
    }
    const batch: Batch = { forget, flows, tasks, bytes: packer.finish() }
    if (to.batches === 0) {
      to.worker.ref()
      watchTask(to, 0, clock.steadyMs())
    }
    to.batches += 1
    to.worker.postMessage(batch, [batch.bytes])
  }

  /** A version's flow object stays the same while it is in use (versions.ts), so it crosses to the worker once. */
  const keyOf = (flow: CheckedFlow, to: Running, flows: { key: string; flow: CheckedFlow }[]): string => {
    const known = to.knownFlows.get(flow)
    if (known !== undefined) return known
    flowKeys += 1
    const key = String(flowKeys)
    to.knownFlows.set(flow, key)
    flows.push({ key, flow })
    return key
  }

  const start = (): Running => {
    const shared = new SharedArrayBuffer(4)
    const worker = new Worker(module, {
      workerData: { current: shared }, execArgv: [], env: {},
      resourceLimits: { maxOldGenerationSizeMb: workerHeapMb, maxYoungGenerationSizeMb: workerYoungMb, stackSizeMb: workerStackMb },
    })
    const begun: Running = { worker, current: new Int32Array(shared), knownFlows: new Map(), sent: new Map(), batches: 0 }
    worker.on('message', (answers: Answers) => { take(begun, answers) })
    worker.on('error', (error) => { replace(begun, crashReason(error)) })
    worker.on('exit', () => { replace(begun, 'the worker ended') })
    log.debug('worker.started')
    return begun
  }

  const take = (from: Running, { answers, bytes }: Answers) => {
    if (from !== running) return
    from.batches -= 1
    for (const answer of answers) {
      const task = from.sent.get(answer.number)
      from.sent.delete(answer.number)
      if (task) settle(task, answer, bytes)
    }
    pump()
    if (from.batches === 0) rest(from)
  }

  const rest = (idle: Running) => {
    stopTimer()
    idle.worker.unref()
    stopTimer = clock.after(idleMs, () => {
      if (running !== idle || idle.batches > 0) return
      running = null
      log.debug('worker.stopped')
      void idle.worker.terminate()
    })
  }

  /** Looks four times per limit whether the worker is still at the same task. */
  const watchTask = (watched: Running, number: number, sinceMs: number) => {
    stopTimer()
    stopTimer = clock.after(taskMs / 4, () => {
      if (running !== watched) return
      const now = clock.steadyMs()
      const current = Atomics.load(watched.current, 0)
      if (current === number && current !== 0 && now - sinceMs >= taskMs) replace(watched, `it took longer than ${Math.ceil(taskMs / 1000)} seconds`)
      else watchTask(watched, current, current === number ? sinceMs : now)
    })
  }

  /** The task in hand fails, the others go to a fresh worker. */
  const replace = (broken: Running, reason: string) => {
    if (broken !== running) return
    running = null
    stopTimer()
    const number = Atomics.load(broken.current, 0)
    const culprit = broken.sent.get(number)
    broken.sent.delete(number)
    log.warn('worker.replaced', { reason, task: culprit?.kind === 'compute' ? culprit.job.run : (culprit?.kind ?? 'none') })
    const others = [...broken.sent.values()]
    void broken.worker.terminate()
    culprit?.reject(fault('MAIL_UNREADABLE', { reason }))
    // Not even a task in hand: the worker can't run at all, and trying for ever would hide it.
    if (culprit) waiting.unshift(...others)
    else for (const task of others) task.reject(fault('INTERNAL', { reason }))
    pump()
  }

  return {
    compute: (job) => new Promise((resolve, reject) => {
      numbers += 1
      enqueue({ kind: 'compute', number: numbers, raw: job.raw, job, resolve, reject })
    }),
    readMail: (raw, facts) => new Promise((resolve, reject) => {
      numbers += 1
      enqueue({ kind: 'read', number: numbers, raw, facts, resolve, reject })
    }),
    readPart: (raw, index, scratch) => new Promise((resolve, reject) => {
      numbers += 1
      enqueue({ kind: 'part', number: numbers, raw, index, scratch, resolve, reject })
    }),
    close: async () => {
      closed = true
      stopTimer()
      const last = running
      running = null
      for (const task of [...waiting.splice(0), ...(last?.sent.values() ?? [])]) task.reject(fault('INTERNAL', { reason: 'computing has been stopped' }))
      await last?.worker.terminate()
    },
  }
}

function settle(task: Task, answer: Answer, bytes: ArrayBuffer): void {
  if (answer.kind === 'failed') {
    task.reject(fault('INTERNAL', { reason: answer.reason }))
  } else if (answer.kind === 'mail') {
    // Made by JSON.stringify of a Mail, in the worker.
    if (task.kind === 'read') task.resolve(JSON.parse(answer.json) as Mail)
  } else if (answer.kind === 'part') {
    if (task.kind === 'part') task.resolve(answer.part && { ...answer.part, raw: unpack(answer.part.raw, bytes) })
  } else if (task.kind === 'compute') {
    task.resolve({ ...answer.computed, sends: answer.computed.sends.map((send) => ({ ...send, raw: unpack(send.raw, bytes) })) })
  }
}

function crashReason(error: unknown): string {
  const outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return outOfMemory ? 'it needs more memory than a mail may take' : problemOf(error).say
}
