/** Attachments of mails over HTTP: strangers' bytes, for whoever may read the mail. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { apiWorld, forwardFlow, oneRun, withConnections } from './world.ts'
import { until } from '../until.ts'

const part = (type: string, name: string, body: string) => `--b\r\nContent-Type: ${type}\r\nContent-Disposition: attachment; filename*=UTF-8''${encodeURIComponent(name)}\r\n\r\n${body}\r\n`
const mail = `Subject: files\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee\r\n${part('image/png', 'logo.png', 'PNG')}${part('image/svg+xml', 'evil.svg', '<svg onload="alert(1)"/>')}${part('text/html', 'Größe "1".html', '<script>alert(1)</script>')}${part('application/pdf', 'large.pdf', 'x'.repeat(2_000_000))}--b--\r\n`

async function files() {
  const world = await apiWorld({})
  await withConnections(world)
  await world.ask('PUT', '/api/flows/support-tickets', { body: forwardFlow() })
  await world.ask('POST', '/api/flows/support-tickets/deploy', { body: {} })
  const { id } = await oneRun(world, mail)
  return { world, ask: (rest: string) => world.ask('GET', `/api/runs/${id}/attachments/${rest}`) }
}

test('[SX110] an attachment is a download under its own name, without a type that a browser would act on', async () => {
  const { ask } = await files()
  const html = await ask('2')
  expect([html.status, html.text, html.headers['content-type'], html.headers['x-content-type-options'], html.headers['content-security-policy'], html.headers['cache-control']])
    .toEqual([200, '<script>alert(1)</script>', 'application/octet-stream', 'nosniff', "sandbox; default-src 'none'", 'no-store'])
  expect(html.headers['content-disposition']).toBe('attachment; filename="Gr__e__1_.html"; filename*=UTF-8\'\'Gr%C3%B6%C3%9Fe%20_1_.html')
})

test('[SX110] a picture may be shown, an SVG and everything else never', async () => {
  const { ask } = await files()
  const shown = await ask('0?as=picture')
  expect([shown.text, shown.headers['content-type'], shown.headers['content-disposition'], shown.headers['content-security-policy']]).toEqual(['PNG', 'image/png', 'inline; filename="logo.png"', "sandbox; default-src 'none'"])
  for (const n of [1, 2, 3]) {
    const { headers } = await ask(`${n}?as=picture`)
    expect([headers['content-type'], String(headers['content-disposition']).startsWith('attachment;')]).toEqual(['application/octet-stream', true])
  }
})

test('[SX110] a large attachment streams and leaves no file behind; a place where there is none is not found', async () => {
  const { world, ask } = await files()
  const large = await ask('3')
  expect([large.status, large.text.length]).toEqual([200, 2_000_000])
  await until(() => readdirSync(path.join(world.store.blobs.scratchFolder)).length === 0)
  expect((await ask('4')).status).toBe(404)
  for (const wrong of ['-1', 'x', '0?as=html', '99999']) expect([wrong, (await ask(wrong)).status]).toEqual([wrong, 400])
})
