import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startSandboxSmtp, type SandboxEnvelope } from '#runtime/sandbox/smtp.ts'
import { atEnd, bytesOf, letter, senderTo, to } from '../mail/smtp-world.ts'

async function sandbox(onMail: (envelope: SandboxEnvelope, bytes: Uint8Array) => void = () => {}) {
  const made = await startSandboxSmtp({ onMail })
  atEnd(() => made.stop())
  return made
}

test('[SB20] what a flow sends to the sandbox is handed over whole with its envelope, with or without a login', async () => {
  const kept: { envelope: SandboxEnvelope; text: string }[] = []
  const { port } = await sandbox((envelope, bytes) => { kept.push({ envelope, text: Buffer.from(bytes).toString() }) })
  for (const user of ['', 'sandbox']) {
    const { recipients } = await senderTo(port, { user, password: user }).deliver(to('b@example.org', 'jörg@bücher.example'), bytesOf('Subject: Grüße\r\n\r\n.dot\r\n'))
    expect(recipients.map((one) => one.state)).toEqual(['sent', 'sent'])
  }
  expect(kept).toHaveLength(2)
  expect(kept[0]).toMatchObject({ envelope: { from: 'a@example.org', to: ['b@example.org', 'jörg@bücher.example'] }, text: 'Subject: Grüße\r\n\r\n.dot\r\n' })
})

test('[SB21] the sandbox refuses what is too large and goes on; a mail it cannot keep is put off', async () => {
  let full = true
  const { port } = await sandbox(() => { if (full) throw new Error('no room') })
  const sender = senderTo(port, { maxConnections: 1 })
  expect((await sender.deliver(to(), letter())).recipients[0]).toMatchObject({ state: 'deferred', answer: '451 4.3.0 The sandbox could not keep this mail' })
  full = false
  expect((await sender.deliver(to(), { kind: 'bytes', bytes: Buffer.alloc(37 * 1024 * 1024, 'line\r\n') })).recipients[0]?.state).toBe('refused')
  expect((await sender.deliver(to(), letter())).recipients[0]?.state).toBe('sent')
})

test('[SB22] the sandbox is gone once it was stopped, even with a line open', async () => {
  const made = await startSandboxSmtp({ onMail: () => {} })
  const line = connect(made.port, '127.0.0.1')
  await new Promise((resolve) => { line.once('data', resolve) })
  const cut = new Promise((resolve) => { line.once('close', resolve) })
  line.on('error', () => {})
  await made.stop()
  await cut
  const again = connect(made.port, '127.0.0.1')
  expect(await new Promise((resolve) => { again.once('error', (error: Error & { code?: string }) => { resolve(error.code) }) })).toBe('ECONNREFUSED')
})
