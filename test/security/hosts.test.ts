/** Where a connection may lead: every spelling of an address is judged as the address it is. */
import { expect, test } from 'vitest'
import { Fault } from '#shared/errors.ts'
import { connectTarget } from '#runtime/mail/connect-target.ts'
import { makeHostPolicy } from '#runtime/mail/host-policy.ts'
import { accountAt } from '../mail/smtp-world.ts'
import { dropFolder, makeFolder, startProduct } from '../product.ts'

const strict = makeHostPolicy({ loopbackBound: false, allowed: [] })
const own = makeHostPolicy({ loopbackBound: true, allowed: [] })
/** The address that would be connected to, or why none. */
const reach = async (host: string, policy = strict): Promise<string> => {
  try {
    return (await connectTarget(accountAt(25, { host }), policy)).address
  } catch (error) {
    return error instanceof Fault ? error.code : String(error)
  }
}

/** What the system's own resolver makes of them differs; none may come through. */
const spellings = [
  '127.0.0.1', '127.1', '0x7f.1', '0x7f000001', '2130706433', '0177.0.0.1', '127.0.0.1.', 'localhost', 'LOCALHOST.', '0', '0.0.0.0', '[::]', '[::1]', '::1', '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:7f00:0001]', '[::127.0.0.1]', '[::ffff:0:127.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2001:0:7f00:1::]',
  '10.0.0.1', '172.31.255.254', '192.168.1.1', '100.64.0.1', '192.0.0.1', '198.18.0.1', '[fc00::1]',
  '169.254.169.254', '0xa9fea9fe', '2852039166', '[fe80::1]', '[64:ff9b:1::a9fe:a9fe]', '[::ffff:0:169.254.169.254]', '[fd00:ec2::254]',
]

test('[SE50] no spelling of a loopback, private or metadata address gets past the policy of a server that others reach', async () => {
  const reached: string[] = []
  for (const host of spellings) if (!/^MAIL_HOST_(FORBIDDEN|UNKNOWN|LOOKUP)$/.test(await reach(host))) reached.push(host)
  expect(reached).toEqual([])
  expect(await reach('192.0.2.1')).toBe('192.0.2.1')
  expect(await reach('[2606:4700::1]')).toBe('2606:4700::1')
})

test('[SE50] even a product bound to loopback never reaches the metadata services', async () => {
  for (const host of ['169.254.169.254', '0xa9fea9fe', '[64:ff9b:1::a9fe:a9fe]', '[::ffff:0:169.254.169.254]', '[2001:0:a9fe:a9fe::]']) expect([host, await reach(host, own)]).toEqual([host, 'MAIL_HOST_FORBIDDEN'])
  expect(await reach('127.0.0.1', own)).toBe('127.0.0.1')
})

test('[SE65] a product that others reach still uses its own sandbox, and nothing else on loopback', async () => {
  const mixed = makeHostPolicy({ loopbackBound: false, allowed: [], ownPorts: new Set([4242]) })
  expect([mixed.permits('x', '127.0.0.1', 4242), mixed.permits('x', '127.0.0.1', 4243), mixed.permits('x', '10.0.0.1', 4242), mixed.permits('x', '169.254.169.254', 4242)]).toEqual([true, false, false, false])
  const folder = await makeFolder()
  const product = await startProduct(folder, { sandbox: true, env: { MAILWEAVE_HOST: '0.0.0.0' } })
  try {
    const check = (id: string, body: unknown) => product.api<{ ok: boolean; lines: { state: string; say: string }[] }>('POST', `/api/connections/${id}/test`, body)
    for (const id of ['sandbox-inbox', 'sandbox-outbox']) expect([id, await check(id, {})]).toEqual([id, expect.objectContaining({ ok: true })])
    const { lines } = await check('other', { name: 'other', kind: 'imap', host: '127.0.0.1', port: Number(new URL(product.url).port), security: 'none' })
    expect(lines[0]).toMatchObject({ state: 'failed', say: expect.stringContaining('not allowed here') })
  } finally {
    await product.kill('SIGTERM')
    await dropFolder(folder)
  }
})
