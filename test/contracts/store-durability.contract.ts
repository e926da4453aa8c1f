import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { runId, sendId } from '#shared/ids.ts'
import { due, time } from './store-world.ts'
import type { StoreHarness } from './store-world.ts'

/** What the writer's lines say was acknowledged of a run, in the order it says so. */
const stages = ['ingested', 'computed', 'sending', 'sent', 'ended'] as const
type Stage = (typeof stages)[number]

/** Lets the writer work until it has acknowledged `acks` writes, kills it as a power cut would, returns the last stage of each run. */
async function writeAndDie(harness: StoreHarness, acks: number): Promise<ReadonlyMap<string, Stage>> {
  const [program = '', ...args] = harness.writer
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const seen = new Map<string, Stage>()
  let left = acks
  for await (const line of createInterface({ input: child.stdout })) {
    const [stage, id] = line.split(' ')
    const known = stages.find((one) => one === stage)
    if (known === undefined || id === undefined) throw new Error(`the writer said: ${line}`)
    seen.set(id, known)
    left -= 1
    // Lines that were in the pipe already still come: they too were acknowledged.
    if (left === 0) child.kill('SIGKILL')
  }
  await closed
  return seen
}

export function durabilityContract(harness: () => StoreHarness): void {
  test('[LG21] a process killed at any moment loses nothing it has acknowledged', async () => {
    const acknowledged = new Map<string, Stage>()
    // Odd counts, so that deaths fall on different stages of different groups.
    for (const acks of [3, 57, 131, 212]) {
      for (const [id, stage] of await writeAndDie(harness(), acks)) acknowledged.set(id, stage)
    }
    expect(acknowledged.size).toBeGreaterThan(50)
    const store = await harness().open()
    try {
      for (const [id, stage] of acknowledged) {
        const run = await store.run(runId(id))
        const send = await store.send(sendId(`${id}-send`))
        expect(run, `${id} was ${stage}`).not.toBeNull()
        if (stage !== 'ingested') expect([send?.messageId, run?.steps.length]).toEqual([`<${id}@mailweave>`, 3])
        if (stage === 'sending') expect(send?.state).toMatch(/^(sending|unknown|sent)$/)
        if (stage === 'sent' || stage === 'ended') expect(send?.state).toBe('sent')
        if (stage === 'ended') expect(run?.state).toBe('done')
      }
      const recovered = await store.recover(time('11:00'))
      const handed = [...(await store.claimRuns(10_000)).map((run) => run.id), ...(await due(store, time('11:00'))).map((send) => send.run)]
      // Each run that has not ended is either computed again, sent, judged or ended by the engine: none lies forgotten.
      const open = (await Promise.all([...acknowledged.keys()].map((id) => store.run(runId(id))))).flatMap((run) => (run !== null && run.state !== 'done' ? [run.id] : []))
      expect(open.filter((id) => !handed.includes(id) && !recovered.closed.includes(id))).toEqual([])
    } finally {
      await store.close()
    }
  })
}
