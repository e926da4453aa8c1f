/** Stands in for the real worker: the run's id says what befalls it, so that hangs and crashes come at will. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Answer, Batch, WorkerStart } from '#runtime/engine/worker-messages.ts'

const inHand = new Int32Array((workerData as WorkerStart).current)

parentPort?.on('message', ({ tasks }: Batch) => {
  const answers = tasks.map((task): Answer => {
    Atomics.store(inHand, 0, task.number)
    const run = task.kind === 'compute' ? task.job.run : ''
    if (run === 'hangs') for (;;) Atomics.load(inHand, 0)
    if (run === 'crashes') throw new Error('crashed on purpose')
    if (run === 'eats') {
      const eaten: number[][] = []
      for (;;) eaten.push(Array<number>(1_000_000).fill(run.length))
    }
    return { kind: 'computed', number: task.number, computed: { steps: [], sends: [], mail: { subject: run, from: '', messageId: '' }, problem: null } }
  })
  Atomics.store(inHand, 0, 0)
  const bytes = new ArrayBuffer(0)
  parentPort?.postMessage({ answers, bytes }, [bytes])
})
