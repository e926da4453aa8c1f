/** The sandbox's ports stand open to every program and web page of this machine: strangers get nothing and break nothing. */
import { connect, type Socket } from 'node:net'
import { onTestFinished, expect, test } from 'vitest'
import { systemClock } from '#runtime/clock.ts'
import { startSandbox, type Sandbox } from '#runtime/sandbox/sandbox.ts'
import { senderTo, to } from '../mail/smtp-world.ts'
import { dropFolder, makeFolder, type Product, startProduct } from '../product.ts'

interface Doors { readonly imap: number; readonly smtp: number; readonly user: string; readonly password: string }

async function sandbox(): Promise<Sandbox & Doors> {
  const made = await startSandbox(systemClock)
  onTestFinished(made.stop)
  const [imap, smtp] = made.connections
  return { ...made, imap: imap?.port ?? 0, smtp: smtp?.port ?? 0, user: imap?.user ?? '', password: imap?.password ?? '' }
}

/** Says it all at once; resolves with what came back when the server has closed the line, or when `seen` is in it. */
function say(port: number, words: string, seen?: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = ''
    const line: Socket = connect(port, '127.0.0.1', () => { line.write(words) })
    line.on('data', (bytes: Buffer) => {
      heard += bytes.toString()
      if (seen !== undefined && heard.includes(seen)) line.destroy()
    })
    line.on('error', () => { line.destroy() })
    line.on('close', () => { resolve(heard) })
  })
}

test('[SE51] a stranger who sends brackets without end, or a page that posts to the port, loses the line and stops nothing', async () => {
  const folder = await makeFolder()
  const product: Product = await startProduct(folder, { sandbox: true })
  try {
    const { port } = await product.api<{ port: number }>('GET', '/api/connections/sandbox-inbox')
    const attacks = [
      `a LOGIN ${'('.repeat(200_000)}\r\n`, `a LOGIN ${'('.repeat(7000)}\r\n${'b NOOP\r\n'.repeat(3)}c LOGOUT\r\n`, '\n'.repeat(100_000), 'a LOGIN {99999999999}\r\n'.padEnd(20_000, 'x'),
      'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://evil.example\r\nUser-Agent: x\r\nContent-Type: text/plain\r\n\r\na LOGIN you@sandbox.example guess\r\n',
    ]
    for (const attack of attacks) await say(port, attack)
    expect(await product.api('GET', '/api/health')).toMatchObject({ ok: true })
    // Whoever knows the password is still served.
    expect(await product.api<{ ok: boolean }>('POST', '/api/connections/sandbox-inbox/test', {})).toMatchObject({ ok: true })
  } finally {
    await product.kill('SIGTERM')
    await dropFolder(folder)
  }
})

test('[SE51] nested searches of a client that is logged in cost it its own line alone', async () => {
  const { imap, user, password } = await sandbox()
  const hello = `a LOGIN ${user} ${password}\r\nb SELECT INBOX\r\n`
  await say(imap, `${hello}c SEARCH ${'('.repeat(300_000)}\r\n`)
  await say(imap, `${hello}c SEARCH ${'NOT '.repeat(300_000)}ALL\r\n`)
  expect(await say(imap, `${hello}c SEARCH ALL\r\n`, 'c OK')).toContain('* SEARCH')
})

test('[SE52] only who knows the password made at this start sends through the sandbox', async () => {
  const made = await sandbox()
  const { smtp, user, password } = made
  const mail = { kind: 'bytes', bytes: Buffer.from('Subject: x\r\n\r\nx\r\n') } as const
  await expect(senderTo(smtp, { user: '', password: '' }).deliver(to(), mail)).rejects.toMatchObject({ code: 'MAIL_LOGIN_REFUSED' })
  await expect(senderTo(smtp, { user, password: `${password}x` }).deliver(to(), mail)).rejects.toMatchObject({ code: 'MAIL_LOGIN_REFUSED' })
  expect(made.view().sent).toEqual([])
  expect((await senderTo(smtp, { user, password }).deliver(to(), mail)).recipients[0]?.state).toBe('sent')
  expect(made.view().sent).toHaveLength(1)
})

test('[SE52] what flows sent to the sandbox is kept up to 64 MB; the newest always', async () => {
  const made = await sandbox()
  const { smtp, user, password } = made
  const sender = senderTo(smtp, { user, password, maxConnections: 1 })
  const large = { kind: 'bytes', bytes: Buffer.alloc(30 * 1024 * 1024, 'a line of a large mail\r\n') } as const
  const ids: string[] = []
  for (let count = 0; count < 3; count += 1) {
    await sender.deliver(to(), large)
    ids.push(made.view().sent[0]?.id ?? '')
  }
  expect(made.view().sent.map(({ id }) => id)).toEqual([ids[2], ids[1]])
  expect(made.mail(ids[0] ?? '')).toBeNull()
})
