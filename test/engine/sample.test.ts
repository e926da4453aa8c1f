/** The mail that a flow is drawn with: its last one, else the newest of its mailboxes, else a letter. */
import { expect, test } from 'vitest'
import { connectionId, flowId } from '#shared/ids.ts'
import { findSample, type SampleParts } from '#runtime/sample.ts'
import { flowSchema } from '#shared/flow.ts'

const flow = flowSchema.parse({
  format: 1, id: 'f', name: 'F', edges: [],
  nodes: [
    { id: 'one', kind: 'receive-email', config: { connection: 'dead', also: [{ connection: 'empty', folder: 'Orders' }, { connection: 'full' }] } },
    { id: 'two', kind: 'receive-email', config: { connection: 'never-asked' } },
  ],
})

test('[AP9] the sample is the newest mail of the first of the flow\'s mailboxes that has one, whatever the others say', async () => {
  const asked: string[] = []
  const parts = {
    store: { lastMailOf: async () => null },
    drafts: { read: async () => ({ flow }) },
    visits: {
      newest: async (connection: string, folder: string) => {
        asked.push(`${connection}/${folder}`)
        if (connection === 'dead') throw new Error('no answer')
        return connection === 'full' ? { raw: { kind: 'bytes', bytes: Buffer.from('Subject: x\r\n\r\n') }, uid: '7' } : null
      },
    },
    sandbox: null,
    // Only what finding a sample asks for.
  } as unknown as SampleParts
  expect(await findSample(flowId('f'), parts)).toMatchObject({ facts: { connection: connectionId('full'), folder: 'INBOX', uid: '7' }, source: 'the newest mail in INBOX' })
  expect(asked).toEqual(['dead/INBOX', 'empty/Orders', 'full/INBOX'])
})
