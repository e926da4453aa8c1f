/** Strangers' texts on the terminal: a subject that clears the screen or types commands stays a subject. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { onTestFinished, expect, test } from 'vitest'
import { callMailweave } from '../cli/program.ts'
import { dropFolder, makeFolder } from '../product.ts'

/** Clear screen, set title, C1's CSI, report the cursor, turn the direction round, a line of one's own. */
const steering = '\u001b[2J\u001b]0;owned\u0007\u009b31m\u001b[6n\u202e\u2066\u0085\u007f'
const encoded = (text: string): string => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`
// eslint-disable-next-line no-control-regex
const steers = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

test('[SE60] nothing in a mail steers the terminal that a command prints to, and JSON keeps the value', async () => {
  const folder = await makeFolder()
  onTestFinished(() => dropFolder(folder))
  await writeFile(path.join(folder, 'x.eml'), [
    `From: ${encoded(`Ana${steering}`)} <ana@client.example>`, 'To: support@example.org', `Subject: ${encoded(`Hello${steering}`)}`, 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=b', '',
    '--b', 'Content-Type: text/plain; charset=utf-8', '', `Text ${steering}`, '--b', `Content-Type: application/pdf; name="${encoded(`a${steering}.pdf`)}"`, `Content-Disposition: attachment; filename="${encoded(`a${steering}.pdf`)}"`, '', 'x', '--b--', '',
  ].join('\r\n'))
  const flow = (to: object) => JSON.stringify({
    format: 1, id: 'f', name: `F${steering}`,
    nodes: [
      { id: 'receive', kind: 'receive-email', config: { connection: 'inbox' } },
      { id: 'map', kind: 'map-data', config: { rows: [{ to: 'to', ...to }, { to: 'subject', from: ['receive.subject'] }, { to: 'attachments', from: ['receive.attachments'] }] } },
      { id: 'send', kind: 'send-email', config: { connection: 'outbox', from: 'a@example.org' } },
    ],
    edges: [{ from: 'receive', to: 'map' }, { from: 'map', to: 'send' }],
  })
  await writeFile(path.join(folder, 'good.json'), flow({ value: 'b@example.org' }))
  await writeFile(path.join(folder, 'refused.json'), flow({ from: ['receive.subject'] }))
  await writeFile(path.join(folder, 'wrong.json'), flow({ from: [`nowhere${steering}.subject`] }))
  const calls = [['try', 'good.json', 'x.eml'], ['try', 'refused.json', 'x.eml'], ['try', 'good.json', 'x.eml', '--json'], ['try', 'wrong.json', 'x.eml'], ['check', 'wrong.json'], ['mail', 'x.eml'], ['mail', 'x.eml', 'x.eml']]
  for (const words of calls) {
    const { out, err } = await callMailweave(folder, words)
    expect(out + err, words.join(' ')).not.toMatch(steers)
    expect(out + err, words.join(' ')).not.toBe('')
  }
  const mail = JSON.parse((await callMailweave(folder, ['mail', 'x.eml'])).out) as { subject: string; text: string }
  expect(mail.text).toContain('\u202e')
})
